"""Files that people bring to the page, kept in the home's folder ``uploads``."""

import os
import re
import shutil
import unicodedata
from collections.abc import AsyncGenerator, AsyncIterator
from itertools import count
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

from filelock import FileLock
from starlette.datastructures import FormData, Headers
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from index import Home
from index.durable import delete_left, sha256_of, sync
from ui.errors import UploadRefused

#: Bytes that one request may bring.
LIMIT = 200_000_000

# Files that one request may bring, and fields besides.
_FILES, _FIELDS = 200, 20

# Bytes that a file system takes for a name, less what a number and a temporary name need.
_LONGEST = 180

# What some system or other does not have in a name, or shows otherwise than it is.
_UNFIT = re.compile(r'[<>:"|?*\\/]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)


def safe_name(name: str) -> str:
    """Returns a name that lies in its folder on every system, as like the given one as can be.

    No path, no sign that is not shown, not hidden, not longer than file systems take.
    """
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    # Category C: control and format characters, half characters, those nobody has defined.
    shown = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C")
    fit = " ".join(_UNFIT.sub("_", shown).split()).strip(". ")
    stem, dot, ending = fit.rpartition(".")
    if not dot or len(ending) > 10:
        stem, dot, ending = fit, "", ""
    room = _LONGEST - len(f"{dot}{ending}".encode())
    stem = stem.encode()[:room].decode(errors="ignore").rstrip()
    fit = f"{stem}{dot}{ending}" or "document"
    return f"_{fit}" if _RESERVED.match(fit) else fit


async def received(headers: Headers, stream: AsyncIterator[bytes], limit: int = LIMIT) -> FormData:
    """Reads the form that a request brings; what it holds must be closed.

    Args:
        headers: The request's.
        stream: Its body.
        limit: How many bytes it may have; counted while it comes, whatever it says of itself.

    Raises:
        UploadRefused: If it is larger, broken off, or no form.
    """
    too_large = f"more than {limit // 1_000_000:,} MB at once; add its folder by its path instead"
    if (headers.get("content-length") or "0").isdecimal() and int(
        headers.get("content-length") or 0
    ) > limit:
        raise UploadRefused(too_large)

    async def counted() -> AsyncGenerator[bytes, None]:
        size = 0
        async for chunk in stream:
            size += len(chunk)
            if size > limit:
                raise UploadRefused(too_large)
            yield chunk

    if not headers.get("content-type", "").startswith("multipart/form-data"):
        raise UploadRefused("no files came; choose some and try again")
    try:
        return await MultiPartParser(
            headers, counted(), max_files=_FILES, max_fields=_FIELDS
        ).parse()
    except MultiPartException as error:
        raise UploadRefused(f"the upload cannot be read ({error.message}); try again") from error
    except ClientDisconnect as error:
        raise UploadRefused("the upload broke off; try again") from error
    except OSError as error:
        raise UploadRefused(
            f"the upload cannot be kept ({error.strerror}); free some space and try again"
        ) from error


def keep(home: Home, name: str, content: BinaryIO) -> Path:
    """Keeps a file in the home and returns where; one that is there is never written over.

    A file of the same name and content is the same file; one of other content gets a number.

    Args:
        home: Where.
        name: How the file is named where it comes from; see `safe_name`.
        content: The file, at its beginning.

    Raises:
        HomeUnusable: If it cannot be written.
    """
    folder = home.path / "uploads"
    with home.writable():
        folder.mkdir(mode=0o700, exist_ok=True)
        delete_left(folder, ".*.part")
        fresh = folder / f".{token_hex(8)}.part"  # hidden, so that nothing reads half a file
        try:
            with fresh.open("xb") as out:
                shutil.copyfileobj(content, out, 1 << 20)
                out.flush()
                os.fsync(out.fileno())
            with FileLock(home.path / "uploads.lock"):
                return _put(fresh, folder / safe_name(name))
        finally:
            fresh.unlink(missing_ok=True)


def _put(fresh: Path, wanted: Path) -> Path:
    sha256 = sha256_of(fresh)
    for number in count(2):
        if not os.path.lexists(wanted):
            break
        if wanted.is_file() and sha256_of(wanted) == sha256:
            return wanted
        stem, suffix = wanted.stem.removesuffix(f" ({number - 1})"), wanted.suffix
        wanted = wanted.with_name(f"{stem} ({number}){suffix}")
    fresh.rename(wanted)
    sync(wanted.parent)
    return wanted
