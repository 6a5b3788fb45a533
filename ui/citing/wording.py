"""Words of a document made safe for where they are written: a line, Markdown, a cell of a table."""

import re

from corpus import without_surrogates

# Nothing that is pasted may turn the direction of the text around it, and no file of XML may hold
# the rest: control characters, and the two that stand for no character.
_UNFIT = re.compile(
    "[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]"
)

# What Markdown, its mathematics, or a template that is laid over it would read as its own.
_MARKUP = re.compile(r"([\\`*_\[\]<>{}&$~|!])")

# At the start of a line also these: a heading, an item of a list, the rule under a heading.
_AT_START = re.compile(r"^([#+=-]|\d+(?=[.)]))")

# A cell that begins so is a formula to some program; white space before it does not help.
_FORMULA = re.compile(r"^\s*[=+\-@＝＋－＠\t\r]")


def shown(text: str) -> str:
    """Returns a text on one line, without characters that would turn or break what is around it."""
    return " ".join(_UNFIT.sub("", without_surrogates(text)).split())


def markdown(text: str) -> str:
    """Returns one line of text as Markdown that shows it, whatever it holds."""
    escaped = _MARKUP.sub(r"\\\1", text)
    start = _AT_START.match(escaped)
    if start is None:
        return escaped
    rest = escaped[start.end() :]
    # A number takes its backslash behind it, where the point is.
    return f"{start[1]}\\{rest}" if start[1].isdigit() else f"\\{start[1]}{rest}"


def cell(text: str) -> str:
    """Returns a text as a cell of a table that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text
