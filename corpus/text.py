"""What every text must be: whole characters; and words as they are searched."""

import re

#: "exam-\nple": the hyphen at which a word was parted where the line was full. Before a capital, or
#: after a digit, the hyphen is the word's own.
PARTED = re.compile(r"(?<=[^\W\d_])[-\u2010\u00ad]\n[^\S\n]*(?=[^\W\d_])(?=[^A-ZÀ-Þ])")

#: Control characters, and marks that turn the direction of the text after them.
CONTROL = re.compile("[\\x00-\\x1f\\x7f-\\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

_SURROGATE = re.compile("[\ud800-\udfff]")


def without_surrogates(text: str) -> str:
    """Returns a text with U+FFFD for half characters, which no encoder and no file can take."""
    return _SURROGATE.sub("\ufffd", text)


def in_one_line(text: str) -> str:
    """Returns a text as one line that can be shown: without line ends, escapes, half characters."""
    return CONTROL.sub(" ", without_surrogates(text))


def joined(text: str) -> str:
    """Returns a text with the words whole that were parted at line ends, to be searched."""
    return PARTED.sub("", text)
