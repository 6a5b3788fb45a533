"""Quotes taken away: references, links, files for other programs, receipts and their checks."""

import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from urllib.parse import unquote

import bibtexparser
import docx
import pytest
import rispy
from citeproc.source.bibtex import BibTeX
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from assistant import Assistant, Quote
from corpus import without_surrogates
from index import Home, rebuild
from ui.citing.basket import kept, to_csv, to_docx, to_markdown
from ui.citing.checking import check
from ui.citing.excerpt import Excerpt, excerpt_of
from ui.citing.exchange import annotation, bibtex, csl_item, ris
from ui.citing.formats import FORMATS, as_markdown, as_text
from ui.citing.links import text_fragment, web_address
from ui.citing.receipts import Receipt, receipt_of, receipts_from
from ui.citing.styles import plain, reference
from ui.citing.wording import cell, markdown, shown
from ui.errors import BadReceipt

ADDRESS = "http://127.0.0.1:7860"
DEFENSE = "003_e53a6ec5a1052dec.txt"
WORDS = "Ada Quill keeps the lighthouse of Port Lumen and has done so since the spring."
HOSTILE = "<script>x</script> {{7*7}} $$x$$ ${y} \u202eevil\u2066 [a](b) *c* `d` \\ # | ~ ^ & % _ {"

EXCERPT = Excerpt(
    text="The harbour was busy.",
    document="report.pdf",
    title="Harbour report",
    publisher="Port Authority",
    author="Ada Quill",
    published=date(2024, 3, 1),
    event=None,
    url="https://port.example/report",
    original="https://port.example/report#:~:text=The%20harbour%20was%20busy.",
    place="page 2",
    locator=("page", "2"),
    link=f"{ADDRESS}/#src?document=report.pdf&start=0&end=21&check=x",
)
BARE = replace(
    EXCERPT, publisher=None, author=None, published=None, url=None, original=None, locator=None
)

lines = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).map(shown).filter(bool)


def cited(home: Home, words: str = WORDS, document: str = "a.txt") -> tuple[Assistant, Receipt]:
    """The receipt of words in a document of a home."""
    assistant = Assistant.open(home)
    found = assistant.document(document)
    start = found.text.index(words)
    return assistant, receipt_of(assistant, found, Quote.of(found, start, start + len(words)))


def restored(receipt: Receipt) -> Receipt:
    """The same, written to JSON and read again."""
    [again] = receipts_from(json.loads(json.dumps(receipt.model_dump(mode="json"))), "it")
    return again


# Written by hand by the rules of APA (7th edition) and Chicago (18th, author-date) for web pages.
@pytest.mark.parametrize(
    ("changes", "apa", "chicago"),
    [
        (
            {},
            "(Ada Quill, 2024, p. 2)|Ada Quill. (2024, March 1). Harbour report. Port Authority."
            " https://port.example/report",
            "(Ada Quill 2024, 2)|Ada Quill. 2024. “Harbour report.” Port Authority, March 1."
            " https://port.example/report.",
        ),
        (
            {"author": None, "url": None, "locator": ("paragraph", "4")},
            "(Port Authority, 2024, para. 4)|Port Authority. (2024, March 1). Harbour report.",
            "(Port Authority 2024, para. 4)|Port Authority. 2024. “Harbour report.” March 1.",
        ),
        (
            {"author": None, "publisher": None, "locator": ("line", "12")},
            "(Harbour report, 2024, line 12)|Harbour report. (2024, March 1)."
            " https://port.example/report",
            "(“Harbour report” 2024, line 12)|“Harbour report.” 2024. March 1."
            " https://port.example/report.",
        ),
        (
            {"published": None, "title": "Who keeps it?", "locator": None},
            "(Ada Quill, n.d.)|Ada Quill. (n.d.). Who keeps it? Port Authority."
            " https://port.example/report",
            "(Ada Quill, n.d.)|Ada Quill. n.d. “Who keeps it?” Port Authority."
            " https://port.example/report.",
        ),
        (
            {"publisher": "Lumen Inc.", "url": None, "title": "a <i>b</i> & c"},
            "(Ada Quill, 2024, p. 2)|Ada Quill. (2024, March 1). a <i>b</i> & c. Lumen Inc.",
            "(Ada Quill 2024, 2)|Ada Quill. 2024. “a <i>b</i> & c.” Lumen Inc., March 1.",
        ),
    ],
)
def test_references_are_those_of_the_manuals(changes: dict, apa: str, chicago: str):
    excerpt = replace(EXCERPT, **changes)
    for style, expected in (("apa", apa), ("chicago", chicago)):
        found = reference(excerpt, style)
        assert [plain(found.in_text), plain(found.entry)] == expected.split("|")


def test_the_title_is_in_italics_in_apa_alone():
    assert [run.text for run in reference(EXCERPT, "apa").entry if run.italic] == ["Harbour report"]
    assert not any(run.italic for run in reference(EXCERPT, "chicago").entry)


@given(title=lines, author=lines, publisher=lines)
def test_no_style_changes_a_word_of_a_title_or_a_name(title: str, author: str, publisher: str):
    excerpt = replace(EXCERPT, title=title, author=author, publisher=publisher)
    for style in ("apa", "chicago"):
        entry = plain(reference(excerpt, style).entry)
        assert entry.startswith(author)
        assert title in entry
        assert publisher in entry


def test_text_and_markdown_name_the_source():
    assert as_text(EXCERPT) == (
        "“The harbour was busy.” — Harbour report, Ada Quill, Port Authority, 1 March 2024, page 2."
        " https://port.example/report"
    )
    assert as_markdown(EXCERPT) == (
        "> The harbour was busy.\n>\n> — [Harbour report]"
        "(<https://port.example/report#:~:text=The%20harbour%20was%20busy.>), Ada Quill, Port"
        " Authority, 1 March 2024, page 2"
        f" ([place](<{ADDRESS}/#src?document=report.pdf&start=0&end=21&check=x>))"
    )
    assert as_text(BARE) == "“The harbour was busy.” — Harbour report, page 2"
    reported = replace(BARE, event=date(2024, 2, 29))
    assert as_text(reported).endswith("— Harbour report, event of 29 February 2024, page 2")


@given(lines)
def test_markdown_shows_a_text_as_it_is(text: str):
    [paragraph, inline, end] = MarkdownIt("gfm-like", {"linkify": False}).parse(markdown(text))
    assert (paragraph.type, end.type) == ("paragraph_open", "paragraph_close")
    shown_text = "".join(
        part.content if part.type in {"text", "text_special"} else f"<{part.type}>"
        for part in inline.children
    )
    assert shown_text == text


@given(text=lines, title=lines, author=lines)
def test_bibtex_is_read_back_by_two_parsers(text: str, title: str, author: str):
    written = bibtex(replace(EXCERPT, text=text, title=title, author=author))
    library = bibtexparser.parse_string(written)
    [entry] = library.entries
    assert library.failed_blocks == []
    assert entry["date"] == "2024-03-01"
    assert {"title", "author", "howpublished", "year", "date", "url", "annote"} == set(
        entry.fields_dict
    )
    assert untexed(entry["title"]) == title
    assert untexed(entry["author"]) == author
    assert untexed(entry["annote"]) == f"“{text}” (page 2)"


def untexed(value: str) -> str:
    """A field of BibTeX as TeX sets it."""
    names = {"backslash": "\\", "braceleft": "{", "braceright": "}"}
    names |= {"asciitilde": "~", "asciicircum": "^"}
    inner = value.removeprefix("{").removesuffix("}") if value.startswith("{") else value
    return re.sub(r"\\(?:text(\w+)\{\}|(.))", lambda found: names.get(found[1], found[2]), inner)


@pytest.mark.filterwarnings("ignore:Unsupported BibTeX field")
def test_citeproc_reads_the_bibtex(tmp_path: Path):
    path = tmp_path / "a.bib"
    path.write_text(bibtex(replace(EXCERPT, title="Profit & Loss: 100% of #1_a")), "utf-8")
    [entry] = BibTeX(str(path), encoding="utf-8").values()
    assert str(entry["title"]) == "Profit & Loss: 100% of #1_a"


@given(text=lines, title=lines, author=lines)
def test_ris_is_read_back(text: str, title: str, author: str):
    excerpt = replace(EXCERPT, text=text, title=title, author=author)
    [record] = rispy.loads(ris(excerpt))
    assert record["title"] == title
    assert record["authors"] == [author]
    assert record["notes"] == [annotation(excerpt)]
    assert record["urls"] == ["https://port.example/report"]
    assert (record["type_of_reference"], record["date"]) == ("ELEC", "2024/03/01")


def test_csl_json_tells_what_is_known_and_no_more():
    assert csl_item(BARE).keys() == {"id", "type", "title", "annote"}
    assert csl_item(EXCERPT) | {"id": ""} == {
        "id": "",
        "type": "webpage",
        "title": "Harbour report",
        "author": [{"literal": "Ada Quill"}],
        "publisher": "Port Authority",
        "issued": {"date-parts": [[2024, 3, 1]]},
        "URL": "https://port.example/report",
        "annote": "“The harbour was busy.” (page 2)",
    }


@pytest.mark.parametrize(
    ("url", "words", "link"),
    [
        ("https://a.example/b", "one, two-three & four",
         "https://a.example/b#:~:text=one%2C%20two%2Dthree%20%26%20four"),
        ("https://a.example/b#part", "one", "https://a.example/b#part:~:text=one"),
        ("https://a.example/#:~:text=old", "new", "https://a.example/#:~:text=new"),
        ("https://a.example/", "First line here\n\nlast line here",
         "https://a.example/#:~:text=First%20line%20here,last%20line%20here"),
    ],
)  # fmt: skip
def test_a_text_fragment_opens_the_words(url: str, words: str, link: str):
    assert text_fragment(url, words) == link


@given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=80).map(" ".join))
def test_a_text_fragment_holds_how_the_words_begin_and_end(words: str):
    directive = text_fragment("https://a.example/", words).partition(":~:text=")[2]
    ends = [unquote(part) for part in directive.split(",")]
    clean = " ".join(without_surrogates(words).split())
    assert set(directive) <= set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%._~,"
    )
    assert len(ends) <= 2
    assert clean.startswith(ends[0])
    assert clean.endswith(ends[-1])
    assert len(ends) == 2 or ends[0] == clean


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//a.example",
        "http://",
        "",
        "https://a.example/ b",
        "https://a.example/<b>",
        "http://[",
        "https://a\n.example",
    ],
)
def test_only_addresses_of_the_web_become_links(url: str):
    assert web_address(url) is None
    assert web_address("HTTPS://a.example/b?c=d#e") == "HTTPS://a.example/b?c=d#e"


def test_a_hostile_source_stays_text_in_every_form(home_of: Callable):
    text = (
        f"---\ntitle: {json.dumps(HOSTILE)}\nurl: javascript:alert(1)\n---\n\n{HOSTILE} {WORDS}\n"
    )
    home = home_of({"a.md": text})
    _, receipt = cited(home, document="a.md")
    excerpt = excerpt_of(receipt, ADDRESS)
    forms = {name: form(excerpt) for name, form in FORMATS.items()}
    assert forms["original"] == ""
    for form in forms.values():
        assert not set("\u202e\u2066") & set(form)
        assert "javascript:" not in form
    rendered = MarkdownIt("commonmark").render(forms["markdown"])
    assert "<script" not in rendered
    assert "{{" not in forms["markdown"]
    assert "$$" not in forms["markdown"]


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "＝1"])
def test_no_cell_is_a_formula(start: str):
    assert cell(start) == f"'{start}"
    assert cell(f"a{start}") == f"a{start}"


def test_a_basket_becomes_markdown_csv_and_word_with_a_bibliography(home_of: Callable):
    title = "=HYPERLINK(1) <script>x</script>"
    home = home_of(
        {"a.txt": WORDS, "b.md": f"---\ntitle: {json.dumps(title)}\n---\n\nMany came <b>.\n"}
    )
    assistant, first = cited(home)
    found = assistant.document("b.md")
    start = found.text.index("Many")
    second = receipt_of(assistant, found, Quote.of(found, start, start + 14))
    lost = first.model_copy(
        update={"document": first.document.model_copy(update={"id": "gone.txt", "title": "Gone"}),
                "quote": first.quote.model_copy(update={"text": "Nobody came at all."})}
    )  # fmt: skip
    quotes = kept(assistant, [first, second, lost, first], ADDRESS)

    rows = list(csv.DictReader(io.StringIO(to_csv(quotes, "apa").decode("utf-8-sig"))))
    assert [row["state"] for row in rows] == ["verified", "verified", "document gone", "verified"]
    assert rows[0]["quote"] == WORDS
    assert rows[0]["sha256"] == first.document.sha256
    assert rows[1]["title"] == f"'{title}"
    assert rows[1]["reference"] == f"'{title}. (n.d.)."

    written = to_markdown(quotes, "apa").decode()
    rendered = MarkdownIt("commonmark").render(written)
    assert rendered.count("<blockquote>") == 4
    assert rendered.count("<li>") == 3
    assert "<script" not in rendered
    assert "NOT VERIFIED at export: document gone" in rendered

    word = docx.Document(io.BytesIO(to_docx(quotes, "chicago")))
    texts = [paragraph.text for paragraph in word.paragraphs]
    assert texts[0] == "Evidence"
    assert f"“{WORDS}”" in texts
    assert texts[-3:] == [f"“{title}.” n.d.", "“a.” n.d.", "“Gone.” n.d."]
    bold = [run.text for line in word.paragraphs for run in line.runs if run.bold]
    assert len(bold) == 1
    assert "NOT VERIFIED" in bold[0]


def test_a_receipt_outlives_json_and_is_verified(home_of: Callable):
    home = home_of({"a.txt": f"Before it.\n\n{WORDS}\n\nAfter it."})
    assistant, receipt = cited(home)
    assert receipt.verified
    assert receipt.context.before == "Before it.\n\n"
    assert receipt.context.after == "\n\nAfter it."
    assert receipt.place == "line 3"
    again = restored(receipt)
    assert again == receipt
    assert check(assistant, again).state == "verified"


def test_another_original_is_told_before_and_after_a_rebuild(home_of: Callable, tmp_path: Path):
    home = home_of({"a.txt": f"{WORDS} The harbour was busy.", "b.txt": "Nothing."})
    assistant, receipt = cited(home)
    path = tmp_path / "documents" / "a.txt"
    path.write_text(f"{WORDS} The harbour was quiet.")
    found = check(assistant, receipt)
    assert found.state == "source changed"
    assert "readout rebuild" in found.detail
    rebuild(home)
    found = check(Assistant.open(home), receipt)
    assert (found.state, found.found) == ("source changed", None)
    assert "still stand in the same place" in found.detail
    path.write_text("Nobody keeps the lighthouse of Port Lumen.")
    rebuild(home)
    found = check(Assistant.open(home), receipt)
    assert (found.state, found.found) == ("source changed", None)
    assert "do not stand in it" in found.detail


def test_an_original_that_is_gone_is_told(home_of: Callable, tmp_path: Path):
    home = home_of({"a.txt": WORDS, "b.txt": "Nothing of that."})
    assistant, receipt = cited(home)
    (tmp_path / "documents" / "a.txt").unlink()
    found = check(assistant, receipt)
    assert found.state == "source changed"
    assert "no longer at" in found.detail
    rebuild(home)
    assert check(Assistant.open(home), receipt).state == "document gone"


def test_words_that_moved_are_found_where_they_are(home_of: Callable, tmp_path: Path):
    home = home_of({"a.txt": f"One.\n\n{WORDS}", "b.txt": "Nothing."})
    _, receipt = cited(home)
    folder = tmp_path / "documents"
    broken = WORDS.replace(" ", "\n", 2)
    moved = f"A new first line, and\nanother.\n\n{broken}\n"
    (folder / "a.txt").write_text(moved)
    rebuild(home)
    assistant = Assistant.open(home)
    found = check(assistant, receipt)
    assert (found.state, found.found.document) == ("words moved", "a.txt")
    text = assistant.document("a.txt").text[found.found.start : found.found.end]
    assert " ".join(text.split()) == WORDS
    (folder / "a.txt").rename(folder / "renamed.txt")
    rebuild(home)
    found = check(Assistant.open(home), receipt)
    assert (found.state, found.found.document) == ("words moved", "renamed.txt")


def test_a_short_quote_is_not_found_again_by_chance(home_of: Callable, tmp_path: Path):
    home = home_of({"a.txt": "The minister was asked. Yes. He left.", "b.txt": "Nothing."})
    _, receipt = cited(home, "Yes.")
    (tmp_path / "documents" / "a.txt").write_text("Is it raining? Yes. Take a coat with you.")
    rebuild(home)
    assert check(Assistant.open(home), receipt).state == "source changed"


@pytest.mark.parametrize(
    "change",
    [
        lambda it: it.pop("quote"),
        lambda it: it.update(more=1),
        lambda it: it.update(receipt=2),
        lambda it: it["document"].update(sha256="0"),
        lambda it: it["quote"].update(start="0"),
        lambda it: it.update(time="2024-03-01T10:00:00"),
    ],
)
def test_what_is_no_receipt_is_refused(home_of: Callable, change: Callable):
    _, receipt = cited(home_of({"a.txt": WORDS}))
    written = receipt.model_dump(mode="json")
    change(written)
    with pytest.raises(BadReceipt, match=r"^it: not a receipt of Readout: "):
        receipts_from(written, "it")


def test_an_empty_basket_is_refused():
    with pytest.raises(BadReceipt, match="0 receipts"):
        receipts_from([], "it")


def readout(home: Home, *arguments: str) -> subprocess.CompletedProcess:
    program = "from ui.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", program, *arguments, "--home", str(home.path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_shell_cites_and_checks(bundled_home: Home, tmp_path: Path):
    place = (DEFENSE, "--start", "438", "--end", "675")
    shown_quote = readout(bundled_home, "cite", *place, "--format", "chicago")
    assert "U.S. Department of Defense, November 20." in shown_quote.stdout
    everything = json.loads(readout(bundled_home, "cite", *place, "--json").stdout)
    assert everything.keys() == {*FORMATS, "receipt"}
    path = tmp_path / "receipt.json"
    path.write_text(readout(bundled_home, "cite", *place, "--format", "receipt").stdout)
    run = readout(bundled_home, "check", str(path))
    assert run.stdout.startswith("verified: Readout of the 11th")
    assert run.returncode == 0

    receipt = json.loads(path.read_text())
    other = receipt | {"document": receipt["document"] | {"sha256": "0" * 64}}
    many = tmp_path / "many.json"
    many.write_text(json.dumps([receipt, other]))
    run = readout(bundled_home, "check", str(path), str(many), "--json")
    assert run.returncode == 1
    told = json.loads(run.stdout)
    assert told["verified"] is False
    states = [each["state"] for each in told["receipts"]]
    assert states == ["verified", "verified", "source changed"]

    many.write_text("{")
    run = readout(bundled_home, "check", str(many))
    assert run.returncode == 1
    assert run.stderr == f"readout: {many}: not a receipt of Readout: no JSON\n"
    assert readout(bundled_home, "check", str(tmp_path / "none.json")).returncode == 1
