"""Quotes as people take them away: references in their styles, receipts, and baskets of both."""
