"""Mails as Outlook saves them."""

import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from corpus.document import Fact
from corpus.errors import Unreadable
from corpus.formats.attachments import named
from corpus.formats.charsets import text_of
from corpus.formats.mail import IN_MARKUP, IN_PLAIN, Body, Mail, header_facts, mail_of, shown_in
from corpus.formats.mailtext import PGP_MESSAGE
from corpus.formats.rtf import plain_of
from corpus.text import in_one_line

if TYPE_CHECKING:
    from oxmsg import Message
    from oxmsg.attachment import Attachment

_RING = 4096
_RTF_HEAD = struct.Struct("<II4sI")  # size of what follows, size unpacked, method, checksum
_RTF_START = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "
    b"\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0"
    b"\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)

# What the library raises on files that are damaged; olefile's own errors are `OSError`s.
_DAMAGE = (
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    OverflowError,
    RecursionError,
    struct.error,
)


def read(stream: BinaryIO) -> Mail:
    """Reads a mail: its plain text if there is one, else its HTML, else its rich text.

    Raises:
        Unreadable: If it is no mail of Outlook, damaged, encrypted, or holds nothing.
    """
    from oxmsg import Message  # lazy: only for mails of Outlook

    try:
        message = Message.load(stream)
        if message.message_class.upper().endswith("SMIME"):
            raise Unreadable("encrypted (S/MIME); save the mail decrypted")
        bodies = [body for body in _bodies(message) if body.text.strip("\0 \t\r\n")]
        facts = _facts(message)
        notes: list[str] = []
        attachments = named(_files(message, bodies, notes))
    except _DAMAGE as error:
        raise Unreadable(f"a damaged mail ({error}); save it again in Outlook") from None
    return mail_of(bodies[:1], facts, attachments, notes)


def _bodies(message: "Message") -> Iterator[Body]:
    """Yields the bodies, which all say the same, best first."""
    from oxmsg.domain import constants  # lazy: as above

    properties = message.properties
    if plain := message.body:
        yield Body(IN_PLAIN, plain.replace("\r\n", "\n").replace("\r", "\n"))
    if markup := properties.binary_prop_value(constants.PID_HTML):
        yield Body(IN_MARKUP, text_of(markup, properties.body_encoding))
    elif text := properties.str_prop_value(constants.PID_BODY_HTML):
        yield Body(IN_MARKUP, text)
    elif packed := properties.binary_prop_value(constants.PID_RTF_COMPRESSED):
        rich = unpacked_rtf(packed).decode("cp1252", "replace")
        yield Body(IN_PLAIN, plain_of(rich, "cp1252"))


def unpacked_rtf(packed: bytes) -> bytes:
    """Returns rich text as it was before Outlook compressed it (MS-OXRTFCP).

    Raises:
        ValueError: If it is not compressed in a way that is known.
    """
    if len(packed) < _RTF_HEAD.size:
        return b""
    _, size, method, _ = _RTF_HEAD.unpack_from(packed)
    body = packed[_RTF_HEAD.size :]
    if method == b"MELA":
        return body[:size]
    if method != b"LZFu":
        raise ValueError("rich text packed in an unknown way")
    # All that was written so far stands behind what every text begins with, as in a ring of 4096.
    written = bytearray(_RTF_START)
    place = 0
    while place < len(body) and len(written) < size + len(_RTF_START):
        control, place = body[place], place + 1
        for bit in range(8):
            if not control >> bit & 1:
                written += body[place : place + 1]
                place += 1
                continue
            if place + 1 >= len(body):
                break
            reference = body[place] << 8 | body[place + 1]
            place += 2
            back = (len(written) - (reference >> 4)) % _RING
            if not back:  # it points to where it stands: the end
                return bytes(written[len(_RTF_START) :])
            for _ in range((reference & 15) + 2):
                written.append(written[-back] if back <= len(written) else 0x20)
    return bytes(written[len(_RTF_START) :][:size])


def _facts(message: "Message") -> list[Fact]:
    from oxmsg.domain import constants  # lazy: as above

    headers = {name.lower(): value for name, value in message.message_headers.items()}
    headers["subject"] = message.subject
    facts = header_facts({"from": message.sender or "", **headers})
    if not any(fact.field == "published" for fact in facts):
        received = message.properties.date_prop_value(constants.PID_MESSAGE_DELIVERY_TIME)
        if moment := message.sent_date or received:
            facts.append(Fact("published", moment.date().isoformat(), "date sent, in UTC", 0.8))
    return facts


def _files(
    message: "Message", bodies: list[Body], notes: list[str]
) -> Iterator[tuple[str, str, bytes]]:
    """Yields what is attached; notes what is but cannot be taken out."""
    from oxmsg.domain import constants  # lazy: as above

    shown = {content_id for body in bodies for content_id in shown_in(body)}
    for attachment in message.attachments:
        name = _name_of(attachment)
        kind = attachment.mime_type or ""
        content_id = attachment.properties.str_prop_value(constants.PID_ATTACH_CONTENT_ID)
        data = attachment.file_bytes
        if data is None:
            told = in_one_line(name).strip() or "a mail"
            notes.append(f"what is attached as {told} was left out; save it on its own")
        elif not bodies and PGP_MESSAGE.match(data[:100].decode("ascii", "replace")):
            raise Unreadable("encrypted (PGP); save the mail decrypted")
        elif content_id not in shown:
            yield kind, name, data


def _name_of(attachment: "Attachment") -> str:
    from oxmsg.domain import constants  # lazy: as above

    properties = attachment.properties
    return (
        attachment.file_name
        or properties.str_prop_value(constants.PID_ATTACH_FILENAME)
        or properties.str_prop_value(constants.PID_DISPLAY_NAME)
        or ""
    ).rstrip("\0")
