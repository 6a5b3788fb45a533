"""Of a web page comes its article, all of it, and what the page says of itself."""

import io
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html

from corpus.draft import Draft, Extract
from corpus.errors import Unreadable
from corpus.formats.html import add_html, read

SENTENCE = "The ministers met in the capital on Monday to talk about the patrols at sea. "
MENU = "".join(f'<li><a href="/{name}">{name}</a></li>' for name in ("Home", "News", "About", "Us"))


def page(body: str, head: str = "") -> Extract:
    return read(io.BytesIO(f"<!doctype html><head>{head}</head><body>{body}".encode()))


def contexts(extract: Extract) -> dict[str, str]:
    marks = [mark for mark in extract.marks if mark.kind == "context"]
    return {extract.text[mark.start : mark.end]: mark.value for mark in marks}


def all_contexts(extract: Extract) -> set[tuple[str, object]]:
    marks = [mark for mark in extract.marks if mark.kind == "context"]
    return {(extract.text[mark.start : mark.end], mark.value) for mark in marks}


def facts(extract: Extract, field: str) -> list[str]:
    found = [fact for fact in extract.facts if fact.field == field]
    return [fact.value for fact in sorted(found, key=lambda fact: -fact.sure)]


def test_an_article_comes_without_menu_notice_and_footer():
    text = page(
        f"<header><nav><ul>{MENU}</ul></nav></header>"
        "<div id='cookie-banner'>We use cookies to tell who you are and what you like to see.</div>"
        f"<div class='wrap'><h1>Patrols</h1><p class='by'>By Jane</p><p>{SENTENCE * 3}</p>"
        f"<p>{SENTENCE * 4}</p><div class='share-buttons'><a href='/x'>Share</a></div></div>"
        f"<footer>Copyright the ministry, all rights reserved, write to us if you must.</footer>"
    ).text

    assert (
        text
        == f"Patrols\n\nBy Jane\n\n{SENTENCE * 3}\n\n{SENTENCE * 4}".replace(" \n", "\n").strip()
    )


def test_an_article_nested_in_header_and_nav_is_kept():
    text = page(
        f"<header><nav><ul class='menu'>{MENU}<li class='menu-item'>"
        f"<article><h1>Report</h1><p>{SENTENCE * 3}</p><ul><li>Ships</li></ul></article>"
    ).text

    assert text == f"Report\n\n{(SENTENCE * 3).strip()}\nShips"


@pytest.mark.parametrize(
    "name",
    [
        *("social-policy", "consent", "search-and-rescue", "cookies", "related measures"),
        *("trending-up", "recommendations", "teilen", "navigation"),
    ],
)
@pytest.mark.parametrize("around", ["main", "div"])
def test_a_section_of_an_article_is_kept_whatever_it_is_called(around: str, name: str):
    section = f"<section id='{name}' class='{name}'><h2>Aims</h2><p>{SENTENCE}</p></section>"
    short = f"<section id='{name}'><h2>Means</h2><p>Two new ships.</p></section>"
    text = page(
        f"<nav><ul>{MENU}</ul></nav><{around}><h1>Plan</h1><p>{SENTENCE * 9}</p>{section}{short}"
    ).text

    assert (
        text
        == f"Plan\n\n{SENTENCE * 9}\n\nAims\n\n{SENTENCE}\n\nMeans\n\nTwo new ships.".replace(
            " \n", "\n"
        )
    )


@pytest.mark.parametrize(
    "part",
    [
        f"<div class='related'><ul>{MENU}</ul></div>",
        f"<div class='cookie-notice'><p>{SENTENCE}</p></div>",
        f"<div id='consent'><p>{SENTENCE}</p><button>Agree</button></div>",
        "<div class='newsletter'><p>Write to me:</p><input type='email'></div>",
        "<div class='partage'>Partager <a href='/f'>Facebook</a> <a href='/t'>Twitter</a></div>",
        "<div class='voir-aussi'><h2>Autres</h2><p>Un accord</p></div>",
        f"<div id='tarteaucitronRoot'><p>{SENTENCE * 8}</p></div>",
        f"<div id='jp-relatedposts'><h3>Related</h3><p>{SENTENCE}</p></div>",
        f"<div id='comments' class='comments-area'><h2>One thought</h2><p>{SENTENCE}</p></div>",
        "<footer class='entry-footer'><span>Posted in <a href='/n'>News</a></span></footer>",
    ],
)
def test_what_a_site_puts_into_an_article_is_left_out(part: str):
    text = page(f"<nav>{MENU}</nav><main><h1>Plan</h1><p>{SENTENCE * 6}</p>{part}<p>End.</p>").text

    assert text == f"Plan\n\n{(SENTENCE * 6).strip()}\n\nEnd."


def test_the_menu_beside_an_article_in_a_table_is_left_out():
    menu = "<a href=1>Home</a><br><a href=2>News</a><br><a href=3>About</a>"
    text = page(f"<table><tr><td>{menu}</td><td><h2>Plan</h2><p>{SENTENCE}</p></table>").text

    assert text == f"Plan\n\n{SENTENCE.strip()}"


def test_no_word_of_a_sentence_is_taken_for_the_site():
    start = f"<p>{SENTENCE}<b>Grey</b> <a class='related'>ships</a> sail.</p>"
    text = page(
        f"<nav>{MENU}</nav>{start}<nav>{MENU}</nav><main><p>{SENTENCE * 9}</p>{start}</main>"
    ).text

    assert text.count("Grey ships sail.") == 2


def test_a_page_without_anything_of_a_site_is_kept_whole():
    assert page("<p>Short.</p>tail<div>More</div>").text == "Short.\n\ntail\n\nMore"


def test_a_page_of_nothing_but_links_is_kept():
    assert page(f"<nav><ul>{MENU}</ul></nav>").text == "Home\nNews\nAbout\nUs"


def test_a_page_that_does_not_say_where_its_head_ends_is_read():
    assert read(io.BytesIO(b"<title>No</title><main><h1>Yes</h1></main>")).text == "Yes"


def test_inline_elements_add_no_space_and_breaks_end_lines():
    text = page("<p><b>un</b>believ&shy;able&nbsp;1&amp;2<br>next<br><br>new</p>").text

    assert text == "unbelievable\xa01&2\nnext\n\nnew"


def test_what_is_not_seen_is_left_out():
    text = page(
        "<p hidden>a</p><p style='color:red;display: none'>b</p><script>c</script><noscript>d"
        "</noscript><template>e</template><style>f</style><img alt='g'><select><option>h</select>"
        "<p aria-hidden='true'>seen</p><!-- i --><button>j</button><h2><button>k</button></h2>"
    ).text

    assert text == "seen\n\nk"


@pytest.mark.parametrize(
    "item",
    [
        "<h3>Who?</h3><div style='display:none'><p>Owners.</p></div>",
        "<button>Who?</button><div hidden>Owners.</div>",
        "<div><div><button>Who?</button></div></div><div style='display:none'>Owners.</div>",
        "<span class='q'>Who?</span><div style='display:none'>Owners.</div>",
        "<p>Who?<p>and<div class='accordion-body' hidden>Owners.</div>",
        "<button aria-controls='a1'>Who?</button><p>and</p><div id='a1' hidden>Owners.</div>",
        "<button aria-controls='a1' aria-expanded='false'>Who?</button><p id='a1'>Owners.</p>",
    ],
)
def test_what_a_click_unfolds_is_read_under_its_title(item: str):
    text = page(f"<h1>Aid</h1><p>{SENTENCE * 2}</p>{item}<button>Send</button>").text

    assert [word for word in re.findall(r"\w+", text)[-3:] if word != "and"][-2:] == [
        "Who",
        "Owners",
    ]
    assert "Who?\n\n" in text


@pytest.mark.parametrize(
    "hidden",
    [
        "<h2>Search</h2><form class='search-box' hidden>words</form>",
        "<button data-target='#m'>Open</button><div id='m' class='modal' hidden>words</div>",
        "<p>More of it.</p><div hidden>words</div>",
    ],
)
def test_what_is_hidden_for_other_reasons_is_left_out(hidden: str):
    text = page(f"<p>{SENTENCE}</p>{hidden}").text

    assert "words" not in text
    assert "Open" not in text


def test_signs_that_are_links_to_their_heading_are_left_out():
    extract = page(
        "<h2>Aims<a class='headerlink' href='#aims'>¶</a></h2><p>See <a href='#s'>§</a> 5."
    )

    assert extract.text == "Aims\n\nSee § 5."


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("3<sup><a href='#n1'>1</a></sup> percent", "3¹ percent"),
        ("in 2019<sup>2,3</sup>", "in 2019²,³"),
        ("in 2019.<sup>2</sup> Then", "in 2019.² Then"),
        ("10<sup>6</sup> or 10<sup>-6</sup>", "10⁶ or 10⁻⁶"),
        ("<sup>1</sup>2019", "¹2019"),
        ("<a href='#n'><sup>1</sup></a>5 May", "¹5 May"),
        ("2019<span style='vertical-align: super'>2</span>", "2019²"),
        ("101<sub>2</sub>", "101₂"),
        ("km<sup>2</sup>, the 1<sup>st</sup>, H<sub>2</sub>O", "km2, the 1st, H2O"),
        ("2019 <sup>2</sup>", "2019 2"),
        ("1<br><sup>2</sup>", "1\n2"),
    ],
)
@pytest.mark.parametrize("tag", ["p", "td", "pre"])
def test_a_raised_figure_does_not_change_the_one_before(tag: str, markup: str, text: str):
    extract = page(f"<table><tr><td>x</td><{tag}>{markup}</{tag}></tr></table>")

    assert text.replace("\n", " ") in extract.text.replace("\n", " ")


def test_a_page_hidden_until_its_scripts_run_is_read():
    assert page(f"<div style='display:none'><p>{SENTENCE * 2}</p></div>").text


def test_headings_stand_over_what_follows():
    extract = page("<h1>A</h1><p>one</p><h2>B</h2><p>two</p><h2>C</h2><p>three</p>")
    over = [
        mark.value
        for mark in sorted(extract.marks)
        if mark.kind == "heading" and mark.end >= extract.text.index("two") > mark.start
    ]

    assert over == ["A", "A › B"]


def test_list_items_keep_the_line_above_and_the_item_they_are_part_of():
    extract = page(
        "<p>We agreed:</p><ul><li>ships<ol><li>grey</li></ol></li><li>planes</li></ul>"
        "<p>No more.</p><ul><li>alone</li></ul><dl><dt>Sea</dt><dd>wet</dd></dl>"
    )

    assert extract.text == ("We agreed:\nships\ngrey\nplanes\n\nNo more.\nalone\nSea\nwet")
    assert contexts(extract) == {
        "ships": "We agreed:",
        "grey": "ships",
        "planes": "We agreed:",
        "wet": "Sea",
    }


def test_table_rows_keep_the_names_of_their_columns():
    extract = page(
        "<table><caption>Aid</caption><tr><th rowspan=2>Land<th colspan=2>Year</tr>"
        "<tr><th>2021<th>2022</tr><tr><td rowspan=2>Haiti<td>1<td>2</tr><tr><td>3<td>4</tr>"
        "<tr><td colspan=3>Source: Customs</table>"
    )

    assert extract.text == ("Aid\nLand | Year\n2021 | 2022\nHaiti | 1 | 2\n3 | 4\nSource: Customs")
    assert all_contexts(extract) == {
        ("Haiti | 1 | 2", "Land | Year 2021 | Year 2022"),
        ("3 | 4", "Year 2021 | Year 2022"),
        ("3 | 4", "Haiti"),
    }


@pytest.mark.parametrize(
    "head",
    [
        "<tr><td>Land<td>Sum</tr>",
        "<tr><td><b>Land</b><td><p><strong>2024</strong></p></tr>",
        "<tr><td rowspan=2><b>Land</b><td><b>Aid</b></tr><tr><td>Sum</tr>",
    ],
)
def test_the_head_of_a_table_without_head_cells_is_found(head: str):
    extract = page(f"<table>{head}<tr><td>Haiti<td>12</tr><tr><td>Cuba<td>13</table>")
    names = " ".join(re.findall(r"[A-Z]\w+|\d+", re.sub("<[^>]*>", " ", head))[1:])

    assert contexts(extract) == {"Haiti | 12": f"Land | {names}", "Cuba | 13": f"Land | {names}"}


def test_a_table_of_data_alone_names_no_columns():
    assert contexts(page("<table><tr><td>Haiti<td>12</tr><tr><td>Cuba<td>13</table>")) == {}


def test_a_table_that_lays_out_a_page_is_no_table():
    extract = page("<table><tr><td><h2>A</h2><p>one</p></td><td><p>two</p></td></tr></table>")

    assert extract.text == "A\n\none\n\ntwo"


def test_preformatted_lines_stay():
    assert page("<pre>\n a\n   b  \n\nc</pre>").text == "a\n   b\n\nc"


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ('<meta charset="windows-1251">', "cp1251"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS">', "cp932"),
        ("", "utf-8"),
        ('<meta charset="iso-8859-1">', "utf-8"),  # wrongly
        ("", "utf-16"),  # by its byte order mark
    ],
)
def test_the_encoding_is_found(declared: str, encoding: str):
    words = "東京の会議" if encoding == "cp932" else "Встреча министров"
    data = f"<html><head>{declared}</head><body><p>{words}</p>".encode(encoding)

    assert read(io.BytesIO(data)).text == words


def test_what_a_page_says_of_itself():
    extract = page(
        "<article><h1>Patrols at sea</h1><time datetime='2023-11-18'>x</time></article>",
        "<title>Patrols at sea | The Ministry</title>"
        '<meta property="og:title" content="Patrols at sea - The Ministry">'
        '<meta property="og:site_name" content="The Ministry">'
        '<meta property="article:published_time" content="2023-11-20T23:30:00-05:00">'
        '<meta name="author" content="Jane Doe"><link rel="canonical" href="https://m.gov/1">'
        '<script type="application/ld+json">{"@graph": [{"@type": "WebPage", "datePublished": '
        '"2020-01-01"}, {"@type": "NewsArticle", "datePublished": "2023-11-19",'
        '"author": {"@id": "#j"}}, {"@id": "#j", "name": "Joe"}]}</script>',
    )

    assert set(facts(extract, "title")) == {"Patrols at sea"}
    assert facts(extract, "published") == ["2023-11-20", "2023-11-19", "2023-11-18"]
    assert facts(extract, "author") == ["Jane Doe", "Joe"]
    assert facts(extract, "publisher") == ["The Ministry"]
    assert facts(extract, "url") == ["https://m.gov/1"]


@pytest.mark.parametrize(
    "head", ["<script type='application/ld+json'>[{</script>", "<meta name=date content=soon>"]
)
def test_what_a_page_says_badly_is_passed_over(head: str):
    assert facts(page("<p>words</p>", head), "published") == []


@pytest.mark.parametrize("data", [b"", b"<!-- -->", b"<script>x</script>", b"<p>&nbsp;</p>"])
def test_a_page_without_words_is_refused(data: bytes):
    with pytest.raises(Unreadable, match="holds no text"):
        read(io.BytesIO(data))


@pytest.mark.parametrize(
    "data",
    [
        "<div>" * 100_000 + "words" + "</div>" * 100_000,
        "<div><b>" * 400 + "words",
        "<ul><li>" * 900 + "words",
        "<p>" + "words " * 2_000_000,
        "<table><tr><td>" * 500 + "words",
        "<!DOCTYPE x [<!ENTITY a 'bb'><!ENTITY b '&a;&a;'>]><p>words &b;",
        "<a <a " * 50_000 + "<p>words",
        "<td colspan=99999999 rowspan=99999999>words" * 500,
        "<nav class='menu'><a href=x>words</a>" * 20_000,
    ],
    ids=["deep", "unclosed", "lists", "long", "tables", "entities", "tags", "spans", "menus"],
)
def test_odd_markup_is_read_in_good_time(data: str):
    start = time.perf_counter()

    assert "words" in read(io.BytesIO(data.encode())).text
    assert time.perf_counter() - start < 10


def test_too_deep_a_page_is_refused_and_not_cut_short():
    with pytest.raises(Unreadable, match="deep"):
        read(io.BytesIO(b"<pre>" * 3000 + b"words"))


def test_an_empty_element_of_xhtml_does_not_swallow_the_page():
    draft = Draft()
    add_html(draft, b'<?xml version="1.0"?><html><head><title/></head><body><p>words</p></body>')

    assert draft.extract().text == "words"


_TAGS = st.sampled_from(["p", "div", "b", "li", "ul", "td", "tr", "table", "nav", "h2", "a", "br"])
_PIECES = st.lists(st.tuples(_TAGS, st.booleans(), st.sampled_from(["", "x{}y ", " x{}y"])))


@given(_PIECES)
def test_no_word_is_lost_or_doubled_and_marks_are_in_the_text(pieces: list[tuple[str, bool, str]]):
    parts = enumerate(pieces)
    markup = "".join(f"<{'/' * ends}{tag}>{text.format(at)}" for at, (tag, ends, text) in parts)
    draft = Draft()
    add_html(draft, f"<body>{markup}")
    extract = draft.extract()

    words = re.findall(r"x\d+y", extract.text)
    assert sorted(words) == sorted(re.findall(r"x\d+y", markup))
    assert all(0 <= mark.start < mark.end <= len(extract.text) for mark in extract.marks)


def _pages(test_data: Path) -> list[Path]:
    return sorted(path for path in (test_data / "files").rglob("*.htm*"))


def test_real_pages_are_read(test_data: Path):
    for path in _pages(test_data):
        with path.open("rb") as stream:
            extract = read(stream)
        assert extract.text == extract.text.strip(), path
        assert all(0 <= m.start < m.end <= len(extract.text) for m in extract.marks), path


def test_real_articles_inside_a_header_arrive_in_order_and_without_the_site(test_data: Path):
    for path in sorted((test_data / "files" / "statehr").rglob("*.html")):
        [article] = lxml_html.fromstring(path.read_bytes()).find_class("report__content")
        paragraphs = [" ".join(p.text_content().split()) for p in article.iter("p")]
        long = [paragraph for paragraph in paragraphs if len(paragraph) > 80]
        with path.open("rb") as stream:
            extract = read(stream)
        seen = " ".join(extract.text.split())

        place = 0
        for paragraph in long:
            assert (place := seen.find(paragraph, place)) >= 0, (path, paragraph)
        assert len(long) > 20
        for words in ("technical storage", "Bureaus and Offices", "Skip to content"):
            assert words not in seen, (path, words)
        assert facts(extract, "title")[0].endswith(tuple(facts(extract, "title")[1:2]))
