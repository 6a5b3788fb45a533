"""Mails: what was written, what its headers say, and what is attached."""

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from typing import BinaryIO

from corpus.document import Fact
from corpus.draft import Draft, Extract, tidied
from corpus.errors import Unreadable
from corpus.formats.attachments import Attachment as Attachment
from corpus.formats.attachments import named
from corpus.formats.charsets import text_of
from corpus.formats.mailheaders import decoded
from corpus.formats.mailheaders import header_facts as header_facts
from corpus.formats.mailtext import PGP_MESSAGE, add_markup, add_plain, with_earlier_mail
from corpus.formats.webarchive import is_page, read_page

#: A mail may hold this many bytes, its attachments included.
MAX_MAIL_BYTES = 200 * 2**20

_LINE_END = re.compile(r"\r\n?")
# As a mailbox file parts its mails.
_NEXT_MAIL = re.compile(
    rb"\n\r?\nFrom \S+ (?:[A-Z][a-z]{2} ){2}[ \d]\d [\d:]{5,8} [^\n]{0,40}\n(?=[A-Z][\w-]+: )"
)
_CONTENT_ID = re.compile(r"cid:([^\"'\s)>]+)", re.IGNORECASE)
_SIGNATURES = {"application/pgp-signature", "application/pkcs7-signature"}
_SIGNATURES |= {"application/x-pkcs7-signature"}
_WRAPPED = {"application/pkcs7-mime", "application/x-pkcs7-mime"}
_A_MAIL = "message/rfc822"
IN_PLAIN, IN_MARKUP = "text/plain", "text/html"

# Where the plain text only says that there is HTML, the HTML has many times its words.
_MUCH_MORE = 5


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that was read.

    Attributes:
        extract: Its words and headers; the text may be empty if something is attached.
        attachments: What is attached, in order, each with a name of its own.
    """

    extract: Extract
    attachments: tuple[Attachment, ...]


@dataclass(frozen=True, slots=True)
class Body:
    """A part of a mail that is to be read.

    Attributes:
        kind: ``text/plain`` or ``text/html``.
        text: The text or markup, with line feeds for line ends.
        flowed: See `add_plain`.
        joins: See `add_plain`.
    """

    kind: str
    text: str
    flowed: bool = False
    joins: bool = False


@dataclass(slots=True)
class _Found:
    """What was found in a mail: bodies, and other parts by content id and proposed name."""

    bodies: list[Body] = field(default_factory=list)
    others: list[tuple[str, str, str, bytes]] = field(default_factory=list)  # id, kind, name, data
    shown: set[str] = field(default_factory=set)  # ids of what the HTML shows


def read(stream: BinaryIO) -> Mail:
    """Reads a mail: the plain text if there is one, else the HTML; headers as facts.

    Of a mailbox, the mails after the first are attachments. A mail without words of its own has
    its subject for its text, or nothing if there is none and something is attached. Of a page
    that was saved in the form of a mail, only the page is read.

    Raises:
        Unreadable: If it is no mail, encrypted, too large, or holds nothing.
    """
    data = stream.read(MAX_MAIL_BYTES + 1)
    if len(data) > MAX_MAIL_BYTES:
        raise Unreadable(f"larger than {MAX_MAIL_BYTES >> 20} MiB; save its attachments one by one")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF8)):
        data = text_of(data, None).encode("utf-8", "replace")
    first, *further = _NEXT_MAIL.split(data.lstrip())
    try:
        message = message_from_bytes(first)
        if not message.keys():
            raise Unreadable("no mail: it has no headers; save it again, or as plain text")
        if is_page(message):
            return Mail(read_page(message), ())
        found = _Found()
        _collect(message, found)
        for other in map(message_from_bytes, further):
            if other.get_payload():
                found.others.append(("", _A_MAIL, _subject(other), _bytes_of(other)))
    except RecursionError:
        raise Unreadable("mails within mails, nested too deeply; save the inner one") from None
    attachments = named(
        (kind, name, content)
        for content_id, kind, name, content in found.others
        if not (content_id in found.shown and kind.startswith("image/"))
    )
    facts = header_facts(_headers(message))
    return mail_of(found.bodies, facts, attachments)


def mail_of(
    bodies: Iterable[Body],
    facts: list[Fact],
    attachments: tuple[Attachment, ...],
    notes: Iterable[str] = (),
) -> Mail:
    """Puts a mail together from its parts, as `read` says.

    Raises:
        Unreadable: If it is encrypted, or holds nothing.
    """
    draft = Draft()
    for body in bodies:
        _add(draft, body)
    subject = next((fact.value for fact in facts if fact.field == "title"), "")
    extract = with_earlier_mail(draft.extract())
    if not extract.text:
        draft.paragraph(subject)
        extract = draft.extract()
    if not extract.text and not attachments:
        raise Unreadable("holds no text")
    return Mail(Extract(extract.text, extract.marks, tuple(facts), tuple(notes)), attachments)


def shown_in(body: Body) -> set[str]:
    """Returns the content ids of the pictures that a body shows."""
    return set(_CONTENT_ID.findall(body.text)) if body.kind == IN_MARKUP else set()


def _headers(message: Message) -> dict[str, str]:
    """Returns a mail's headers; of those of one name, the first."""
    headers: dict[str, str] = {}
    for name, value in message.raw_items():
        raw = str(value).encode("utf-8", "surrogateescape")
        headers.setdefault(name.lower(), tidied(text_of(raw, "cp1252")))
    return headers


def _collect(part: Message, found: _Found, is_whole: bool = True) -> None:
    kind = part.get_content_type()
    if kind == "multipart/encrypted":
        raise Unreadable("encrypted (PGP); save the mail decrypted")
    if part.is_multipart():
        children = [child for child in part.get_payload() if isinstance(child, Message)]
        if kind == "multipart/alternative":
            _collect_one(children, found)
        elif kind == _A_MAIL:
            found.others += [("", kind, _file_name(part) or _subject(child), _bytes_of(child))
                             for child in children]  # fmt: skip
        else:
            for child in children:
                _collect(child, found, is_whole=False)
        return
    if kind in _SIGNATURES:
        return
    if is_whole and kind in _WRAPPED:
        raise Unreadable("encrypted (S/MIME), or signed in a way that wraps it; save it decrypted")
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    name = _file_name(part)
    attached = part.get_content_disposition() == "attachment" or bool(name)
    if kind in {IN_PLAIN, IN_MARKUP} and (is_whole or not attached):
        body = _body(part, kind, data)
        found.bodies.append(body)
        found.shown |= shown_in(body)
    elif data:
        content_id = str(part.get("Content-ID", "")).strip(" <>\r\n\t")
        found.others.append((content_id, kind, name, data))


def _collect_one(children: list[Message], found: _Found) -> None:
    """Adds the bodies of one of a mail's alternatives, and what is attached to any of them."""
    choices = []
    for child in children:
        choice = _Found()
        _collect(child, choice, is_whole=False)
        found.others += choice.others
        found.shown |= choice.shown
        if words := _words(choice.bodies):
            choices.append((words, choice.bodies))
    plain = [choice for choice in choices if all(body.kind == IN_PLAIN for body in choice[1])]
    most = max((words for words, _ in choices), default=0)
    good = [bodies for words, bodies in plain if words * _MUCH_MORE >= most]
    if good:
        found.bodies += good[0]
    elif choices:
        found.bodies += max(choices, key=lambda choice: choice[0])[1]


def _words(bodies: list[Body]) -> int:
    draft = Draft()
    for body in bodies:
        _add(draft, body)
    return len(draft.extract().text.split())


def _add(draft: Draft, body: Body) -> None:
    with draft.within("part", body.kind):
        if body.kind == IN_MARKUP:
            add_markup(draft, body.text)
        elif PGP_MESSAGE.match(body.text):
            raise Unreadable("encrypted (PGP); save the mail decrypted")
        else:
            add_plain(draft, body.text, body.flowed, body.joins)


def _body(part: Message, kind: str, data: bytes) -> Body:
    text = _LINE_END.sub("\n", text_of(data, _parameter(part, "charset")))
    flowed = _parameter(part, "format").lower() == "flowed"
    return Body(kind, text, flowed, _parameter(part, "delsp").lower() == "yes")


def _parameter(part: Message, name: str) -> str:
    value = part.get_param(name, "")
    return str(value[2] if isinstance(value, tuple) else value or "").strip()


def _file_name(part: Message) -> str:
    try:
        return decoded(part.get_filename("") or "")
    except (LookupError, ValueError):  # names in an unknown encoding
        return ""


def _subject(message: Message) -> str:
    return decoded(_headers(message).get("subject", "")) or "mail"


def _bytes_of(message: Message) -> bytes:
    try:
        return message.as_bytes()
    except (LookupError, ValueError):  # headers that cannot be written as they were read
        return "\n".join(f"{name}: {value}" for name, value in _headers(message).items()).encode()
