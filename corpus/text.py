"""What every text must be: whole characters; and words as they are searched."""

import re

# "exam-\nple": a word that was parted where the line was full. Before a capital, or after a digit,
# the hyphen is the word's own.
_PARTED = re.compile(r"(?<=[^\W\d_])[-\u2010\u00ad]\n[^\S\n]*(?=[^\W\d_])(?=[^A-ZÀ-Þ])")

_SURROGATE = re.compile("[\ud800-\udfff]")


def without_surrogates(text: str) -> str:
    """Returns a text with U+FFFD for half characters, which no encoder and no file can take."""
    return _SURROGATE.sub("\ufffd", text)


def joined(text: str) -> str:
    """Returns a text with the words whole that were parted at line ends, to be searched."""
    return _PARTED.sub("", text)
