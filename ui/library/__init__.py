"""The page's second tab: what the corpus holds, and how it is added to, mended and proved."""
