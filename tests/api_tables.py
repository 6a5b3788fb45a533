"""Writes the tables of docs/api.md from the API itself: ``python -m tests.api_tables``."""

import re
from pathlib import Path

from ui.api.app import create_api
from ui.api.reference import problems_table, routes_table

PAGE = Path(__file__).parent.parent / "docs" / "api.md"


def with_tables(text: str) -> str:
    """The page's text with its tables as they should be."""
    for name, table in (
        ("routes", routes_table(create_api().openapi())),
        ("problems", problems_table()),
    ):
        begin, end = (
            f"<!-- {name}: written by python -m tests.api_tables -->\n",
            f"<!-- end of {name} -->",
        )
        block = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        text = block.sub(lambda _, new=begin + table + end: new, text)
    return text


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
