"""Of a mail come its words once, its headers as facts, and what is attached."""

import io
import re
from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import Unreadable
from corpus.formats import outlook
from corpus.formats.mail import Mail, read

HEAD = b"From: Jane Doe <jane@m.gov>\nSubject: Patrols\nDate: Mon, 20 Nov 2023 23:30:00 -0500\n"


def mail(data: bytes) -> Mail:
    return read(io.BytesIO(data))


def plain(text: str, kind: str = "text/plain; charset=utf-8") -> Mail:
    return mail(HEAD + f"Content-Type: {kind}\n\n{text}".encode())


def quoted(found: Mail) -> dict[str, object]:
    text = found.extract.text
    return {text[m.start : m.end]: m.value for m in found.extract.marks if m.kind == "quoted"}


def facts(found: Mail) -> dict[str, str]:
    return {fact.field: fact.value for fact in found.extract.facts}


def test_headers_are_facts_and_no_text():
    found = plain("Dear all,\n\nthe ships sail.\n")

    assert found.extract.text == "Dear all,\n\nthe ships sail."
    assert facts(found) == {"title": "Patrols", "author": "Jane Doe", "published": "2023-11-20"}
    [part] = found.extract.marks
    assert part == (0, len(found.extract.text), "part", "text/plain")


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        (b"=?utf-8?q?Caf=C3=A9_?= =?utf-8?q?noir?=", "Café noir"),
        (b"=?iso-8859-1?Q?Mo=EFse?= and others", "Moïse and others"),
        (b"Mo\xc3\xafse", "Moïse"),
        (b"Mo\xefse", "Moïse"),
        (b"=?no-such?q?abc?=", "abc"),
        (b"=?utf-8?b?!!!?=", "=?utf-8?b?!!!?="),
        (b"folded\n here", "folded here"),
    ],
)
def test_subjects_in_any_encoding(raw: bytes, subject: str):
    assert facts(mail(b"Subject: " + raw + b"\nTo: a@b\n\nwords"))["title"] == subject


_PAGE = (
    b"Content-Type: text/html; charset=utf-8\nContent-Location: https://m.gov/1\n\n"
    b"<title>Budget</title><meta property='article:published_time' content='2024-02-01'>"
    b"<nav><a href='/a'>Home</a><a href='/b'>News</a></nav><main><h1>Budget</h1>"
    b"<p>The budget was adopted on Thursday by the whole of the parliament, Mo\xc3\xafse said.</p>"
    b"<blockquote>Glad.</blockquote></main>"
)


@pytest.mark.parametrize(
    "head",
    [
        b"From: <Saved by Blink>\nSnapshot-Content-Location: https://m.gov/1\n",
        b'From: "Saved by Windows Internet Explorer 7"\n',
        b"From: <Saved by Mozilla>\n",
        b"",
    ],
)
def test_of_a_page_saved_as_a_mail_the_page_is_read(head: bytes):
    found = mail(
        head + b"Subject: Budget\nDate: Tue, 5 Mar 2024 09:00:00 -0000\nMIME-Version: 1.0\n"
        b'Content-Type: multipart/related; type="text/html"; boundary=x\n\n--x\n'
        + _PAGE
        + b"\n--x\nContent-Type: text/css\nContent-Location: cid:c\n\np { color: red }\n--x--\n"
    )

    assert found.extract.text == (
        "Budget\n\nThe budget was adopted on Thursday by the whole of the parliament, Moïse said."
        "\n\nGlad."
    )
    assert facts(found) == {"title": "Budget", "published": "2024-02-01", "url": "https://m.gov/1"}
    assert quoted(found) == {}
    assert found.attachments == ()


def test_a_saved_page_without_the_page_is_refused():
    with pytest.raises(Unreadable, match="without the page"):
        mail(
            b"From: <Saved by Blink>\nMIME-Version: 1.0\n"
            b"Content-Type: multipart/related; boundary=x\n\n--x\n\nwords\n--x--\n"
        )


def test_a_mail_with_pictures_is_no_saved_page():
    found = mail(
        HEAD + b"Content-Type: multipart/related; boundary=x\n\n--x\n" + _PAGE + b"\n--x--\n"
    )

    assert facts(found)["author"] == "Jane Doe"


def test_of_alternatives_the_plain_text_is_read():
    message = EmailMessage()
    message.set_content("The plain words.")
    message.add_alternative("<p>The marked words.</p>", subtype="html")

    assert mail(bytes(message)).extract.text == "The plain words."


def test_of_alternatives_the_markup_is_read_where_the_plain_text_says_nothing():
    message = EmailMessage()
    message.set_content("See HTML.")
    message.add_alternative(f"<style>p</style><p>{'words ' * 30}</p>", subtype="html")
    found = mail(bytes(message)).extract

    assert found.text == ("words " * 30).strip()
    assert found.marks[0].value == "text/html"


def test_attachments_have_clean_names_of_their_own_and_pictures_of_the_text_are_none():
    message = EmailMessage()
    message.set_content("words")
    message.add_alternative('<p>words<img src="cid:pic"></p>', subtype="html")
    message.add_attachment(b"1", maintype="application", subtype="pdf", filename="../x/a.pdf")
    message.add_attachment(b"2", maintype="application", subtype="pdf", filename="A.pdf")
    message.add_attachment(b"3", maintype="image", subtype="png", cid="<pic>")
    message.add_attachment("text", filename="é\u202e.txt")
    inner = EmailMessage()
    inner["Subject"] = "Re: a/b"
    inner.set_content("inner words")
    message.add_attachment(inner)
    message.add_attachment(b"4", maintype="application", subtype="ms-tnef", filename="winmail.dat")
    found = mail(bytes(message))

    names = ["a.pdf", "A (2).pdf", "é.txt", "Re: a-b.eml", "winmail.dat"]
    assert [attachment.name for attachment in found.attachments] == names
    assert [attachment.data for attachment in found.attachments[:2]] == [b"1", b"2"]
    assert mail(found.attachments[3].data).extract.text == "inner words"
    assert found.extract.text == "words"


def test_quoted_lines_lose_their_signs_and_keep_their_depth():
    found = plain(
        "Yes.\n\nOn Monday, Jane wrote:\n> May we?\n> Soon?\n>> Perhaps.\n>\n> > Or not.\n"
    )

    assert found.extract.text == (
        "Yes.\n\nOn Monday, Jane wrote:\n\nMay we?\nSoon?\n\nPerhaps.\n\nOr not."
    )
    assert quoted(found) == {
        "On Monday, Jane wrote:": 1,
        "May we?\nSoon?": 1,
        "Perhaps.": 2,
        "Or not.": 2,
    }


@pytest.mark.parametrize(
    "opening",
    [
        "From: Joe\nSent: Monday\nTo: Jane\nSubject: Sea",
        "-----Original Message-----\nFrom: Joe\nSent: Monday\nTo: Jane",
        "Von: Joe\nGesendet: Montag\nAn: Jane\nBetreff: See",
        "De : Joe\nEnvoyé : lundi\nÀ : Jane\nObjet : Mer",
        "---------- Forwarded message ---------",
        "Le lun. 20 nov. 2023 à 10:00, Joe <j@m.gov> a écrit :",
    ],
)
def test_all_below_the_headers_of_an_earlier_mail_is_quoted(opening: str):
    found = plain(f"Yes.\n\n{opening}\n\nMay we sail?\n\nJoe")

    assert quoted(found) == {f"{opening}\n\nMay we sail?\n\nJoe": 1}


def test_an_earlier_mail_in_an_earlier_mail_is_deeper():
    head = "From: Joe\nSent: Monday\nTo: Jane\nSubject: Sea\n\n"
    found = plain(f"Yes.\n\n{head}May we?\n\n{head}What now?")

    assert sorted(quoted(found).values()) == [1, 2]


@pytest.mark.parametrize("text", ["From: the sea to the land.\nTo: all.", "As he wrote:\n"])
def test_what_only_looks_like_an_earlier_mail_is_not_quoted(text: str):
    assert quoted(plain(text)) == {}


def test_block_quotes_of_markup_are_quoted():
    found = plain(
        "<p>Yes.</p><div>On Monday, Jane wrote:<blockquote>May we?<blockquote>Or not."
        "</blockquote></blockquote></div>",
        "text/html",
    )

    assert quoted(found) == {"On Monday, Jane wrote:": 1, "May we?\n\nOr not.": 1, "Or not.": 2}


def test_flowed_lines_are_joined():
    found = plain("One \nline.\n> And \n> two.\n-- \nJane", "text/plain; format=flowed")

    assert found.extract.text == "One line.\n\nAnd two.\n\n--\nJane"
    assert quoted(found) == {"And two.": 1}


def test_flowed_words_without_spaces_are_joined():
    assert (
        plain("会 \n議", "text/plain; format=flowed; delsp=yes; charset=utf-8").extract.text
        == "会議"
    )


@pytest.mark.parametrize("charset", ["no-such", "utf-8", "us-ascii", "base64", '"'])
def test_words_in_a_wrong_encoding_are_read(charset: str):
    found = mail(
        HEAD + f"Content-Type: text/plain; charset={charset}\n\n".encode() + b"Mo\xc3\xafse"
    )

    assert found.extract.text == "Moïse"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (HEAD + b"Content-Type: multipart/encrypted; boundary=x\n\n--x\n\na\n--x--\n", "encrypted"),
        (HEAD + b"Content-Type: application/pkcs7-mime; name=smime.p7m\n\nMIIC", "encrypted"),
        (HEAD + b"\n-----BEGIN PGP MESSAGE-----\n\nhIw\n-----END PGP MESSAGE-----\n", "encrypted"),
        (b"no headers at all", "no headers"),
        (b"To: a@b\n\n  \n", "holds no text"),
    ],
)
def test_what_cannot_be_read_is_told(data: bytes, reason: str):
    with pytest.raises(Unreadable, match=reason):
        mail(data)


def test_a_signed_mail_is_read_without_its_signature():
    found = mail(
        HEAD + b"Content-Type: multipart/signed; boundary=x\n\n--x\n\nwords\n--x\n"
        b"Content-Type: application/pgp-signature; name=signature.asc\n\nabc\n--x--\n"
    )
    clear = plain(
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nwords\n"
        "-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----"
    )

    assert found.extract.text == clear.extract.text == "words"
    assert found.attachments == ()


def test_a_mail_without_words_has_its_subject_for_its_text():
    assert mail(HEAD + b"\n\n").extract.text == "Patrols"


def test_the_mails_of_a_mailbox_after_the_first_are_attached():
    one = b"From a@b Mon Nov 20 10:00:00 2023\n" + HEAD + b"\nwords\n\n"
    found = mail(one + one.replace(b"words", b"other"))

    assert found.extract.text == "words"
    assert [attachment.name for attachment in found.attachments] == ["Patrols.eml"]


def test_mails_nested_without_end_are_refused():
    with pytest.raises(Unreadable, match="nested"):
        mail(b"Content-Type: message/rfc822\n\n" * 5000 + b"words")


_LINES = [
    *(b"From: a\n", b"Subject: =?x\n", b"Date: x\n", b"\n", b"words\n", b"> q\n", b"\xff\n"),
    *(b"Content-Type: multipart/mixed; boundary=x\n", b"--x\n", b"--x--\n"),
    *(b"Content-Type: text/html\n", b"Content-Type: message/rfc822\n"),
    b"Content-Transfer-Encoding: base64\n",
    b"Content-Disposition: attachment; filename*=x\n",
]


@given(st.lists(st.sampled_from(_LINES)))
def test_malformed_mails_are_read_or_refused(lines: list[bytes]):
    try:
        found = mail(b"".join(lines))
    except Unreadable:
        return
    assert all(0 <= m.start < m.end <= len(found.extract.text) for m in found.extract.marks)


def test_rich_text_is_unpacked():
    packed = bytes.fromhex(  # the example of MS-OXRTFCP 3.1
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d"
        "0a800fa0"
    )

    assert outlook.unpacked_rtf(packed) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"


@pytest.mark.parametrize(
    "data", [b"", b"no mail", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000]
)
def test_no_mail_of_outlook_is_refused(data: bytes):
    with pytest.raises(Unreadable, match="damaged"):
        outlook.read(io.BytesIO(data))


def test_a_mail_of_outlook_cut_short_is_refused_or_read(test_data: Path):
    data = (test_data / "files/unstructured/fake-email-attachment.msg").read_bytes()
    for length in range(0, len(data), 512):
        with suppress(Unreadable):
            assert outlook.read(io.BytesIO(data[:length])).extract.text


def test_real_mails_are_read(test_data: Path):
    paths = [p for p in (test_data / "files").rglob("*") if p.suffix in {".eml", ".msg"}]
    assert len(paths) > 30
    for path in paths:
        reader = outlook.read if path.suffix == ".msg" else read
        with path.open("rb") as stream:
            if path.stem == "fake-encrypted":
                with pytest.raises(Unreadable, match="encrypted"):
                    reader(stream)
                continue
            found = reader(stream)
        assert re.search(r"\w", found.extract.text), path
        assert {"author"} <= facts(found).keys(), path
