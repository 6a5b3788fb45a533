"""Links to a quote: in the page, and in the original on the web."""

import re
from urllib.parse import quote, urlsplit

from corpus import without_surrogates

# A quote up to so many characters, in one paragraph, is looked for whole; of any other its first
# and last words are, as a browser finds a text that goes over paragraphs only from word to word.
_WHOLE = 300
_ENDS = 6


def web_address(url: str | None) -> str | None:
    """Returns an address if it is one of the web, else None: no link may run a script."""
    if url is None or re.search(r"[\s\x00-\x1f\x7f<>\"]", url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.hostname else None


def text_fragment(url: str, words: str) -> str:
    """Returns a link that opens a page of the web at some words of it.

    It is the text fragment of the WICG: browsers that do not know it open the page at its top.

    Args:
        url: The page.
        words: What is quoted from it.
    """
    page, _, fragment = url.partition("#")
    fragment = fragment.partition(":~:")[0]
    return f"{page}#{fragment}:~:text={_directive(without_surrogates(words))}"


def _directive(words: str) -> str:
    lines = [line.split() for line in words.splitlines() if line.split()]
    every = [word for line in lines for word in line]
    if len(every) < 2 or (len(lines) == 1 and len(" ".join(every)) <= _WHOLE):
        return _encoded(every)
    count = min(_ENDS, len(every) // 2)
    return f"{_encoded(lines[0][:count])},{_encoded(lines[-1][-count:])}"


def _encoded(words: list[str]) -> str:
    # Comma and ampersand part the directive, and a dash marks what stands before or behind.
    return quote(" ".join(words), safe="").replace("-", "%2D")
