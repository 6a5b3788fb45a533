"""Inputs that nobody would write, by the hundred thousand; see `tests.benchmarks.fuzz.__main__`."""
