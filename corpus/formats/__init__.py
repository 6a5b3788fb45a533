"""A reader for each format: bytes become an `Extract`; containers become their members."""
