"""Readout over HTTP, for programs: asking, searching, reading, rebuilding, and how it is doing."""
