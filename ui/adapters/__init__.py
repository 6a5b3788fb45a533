"""Readout as a retriever of other frameworks: a module each, which needs the extra of its name."""
