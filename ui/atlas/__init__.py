"""A map of the corpus and a timeline of it, for the page."""
