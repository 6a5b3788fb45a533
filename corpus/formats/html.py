"""Web pages as they were saved: the article, and what the page says of it."""

from typing import BinaryIO

from corpus.draft import Draft, Extract
from corpus.errors import Unreadable
from corpus.formats.html_article import site_parts, unseen_in
from corpus.formats.html_blocks import write_blocks
from corpus.formats.html_facts import page_facts
from corpus.formats.html_tree import tree_of

#: A page may hold this many bytes; most have a thousandth.
MAX_PAGE_BYTES = 100 * 2**20


def read(stream: BinaryIO) -> Extract:
    """Reads a page's article, without the menus, notices and footers that the site puts around it.

    A page without any is read whole.

    Raises:
        Unreadable: If it is too large, holds no text, or is nested too deeply.
    """
    markup = stream.read(MAX_PAGE_BYTES + 1)
    if len(markup) > MAX_PAGE_BYTES:
        raise Unreadable(f"larger than {MAX_PAGE_BYTES >> 20} MiB; save the page without pictures")
    return article_of(markup)


def article_of(markup: bytes | str) -> Extract:
    """Reads a page's article from its markup, as `read` does.

    Raises:
        Unreadable: If it holds no text, or is nested too deeply.
    """
    root = tree_of(markup)
    if root is None:
        raise Unreadable("holds no text")
    draft = Draft()
    unseen = unseen_in(root)
    dropped = unseen | site_parts(root, unseen)
    write_blocks(draft, root, dropped)
    draft.facts.extend(page_facts(root, dropped))
    extract = draft.extract()
    if not extract.text:
        raise Unreadable("holds no text")
    return extract


def add_html(draft: Draft, markup: bytes | str) -> None:
    """Adds all the text that markup shows: of a chapter, of a mail.

    Raises:
        Unreadable: If it is nested too deeply.
    """
    root = tree_of(markup)
    if root is not None:
        write_blocks(draft, root, unseen_in(root))
