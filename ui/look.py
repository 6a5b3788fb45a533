"""How Gradio is dressed: system fonts, our colours from the first paint, our style and script."""

from gradio.themes import Base

#: What Gradio puts into the page's head.
HEAD = """
<script src="/page/you.js"></script>
<link rel="icon" href="/page/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/page/page.css">
<link rel="stylesheet" href="/page/asking.css">
<link rel="stylesheet" href="/page/reading.css">
<link rel="stylesheet" href="/page/citing.css">
<link rel="stylesheet" href="/page/atlas.css">
<link rel="stylesheet" href="/page/library.css">
<link rel="stylesheet" href="/page/writing.css">
<link rel="stylesheet" href="/page/access.css">
<meta name="color-scheme" content="light dark">
<script src="/page/page.js" defer></script>
<script src="/page/drafts.js" defer></script>
<script src="/page/asking.js" type="module"></script>
<script src="/page/reading.js" type="module"></script>
<script src="/page/feedback.js" type="module"></script>
<script src="/page/citing.js" type="module"></script>
<script src="/page/writing.js" type="module"></script>
<script src="/page/atlas.js" type="module"></script>
<script src="/page/library.js" type="module"></script>
"""

_SANS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "sans-serif")
_MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")


def theme() -> Base:
    """Returns Gradio's plainest theme without its web fonts, on the page's own background."""
    return Base(font=_SANS, font_mono=_MONO).set(
        body_background_fill="#f7f6f2",
        body_background_fill_dark="#14181a",
        body_text_color="#1d2426",
        body_text_color_dark="#e6e8e4",
    )
