"""Answers written up by a language model that somebody set, and shown as far as they hold."""
