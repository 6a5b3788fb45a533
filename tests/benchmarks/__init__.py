"""Measurements, on demand: ``python -m tests.benchmarks`` (about ten minutes on two cores)."""
