"""Archives that are small enough to be opened, and their members."""

import lzma
import zipfile
import zlib

from corpus.errors import Unreadable

#: An archive may hold this many members,
MAX_MEMBERS = 10_000
#: this many bytes in all once they are unpacked,
MAX_UNPACKED = 2**30
#: and, beyond `FREE_UNPACKED` bytes, this many times the bytes they are packed in: text that is
#: packed well takes a tenth, a bomb a thousandth.
MAX_RATIO = 200
FREE_UNPACKED = 50 * 2**20

#: What `zipfile` raises on archives that are damaged, protected or of an odd kind.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    NotImplementedError,  # a compression that Python does not know
    ValueError,
)


def check_archive(archive: zipfile.ZipFile) -> None:
    """Makes sure that an archive is no bomb, by what its directory says.

    The directory may lie: `zipfile` never unpacks more of a member than is said there.

    Raises:
        Unreadable: If it has too many members, or they are too large once unpacked.
    """
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise Unreadable(f"an archive of over {MAX_MEMBERS:,} files; unpack it")
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if unpacked > MAX_UNPACKED or unpacked > max(FREE_UNPACKED, MAX_RATIO * packed):
        size = f"{unpacked / 2**20:,.0f} MiB"
        raise Unreadable(f"an archive that would unpack to {size}; unpack it, if you trust it")


def member(archive: zipfile.ZipFile, name: str) -> bytes:
    """Returns a member's bytes.

    Raises:
        Unreadable: If there is no such member, or it is damaged or protected by a password.
    """
    try:
        return archive.read(name)
    except KeyError:
        raise Unreadable(f"a part is missing ({name}); save or copy it again") from None
    except NotImplementedError as error:  # before RuntimeError, of which it is a kind
        raise Unreadable(f"packed in a way that is not known ({error})") from None
    except RuntimeError:
        raise Unreadable("an archive with a password; unpack it") from None
    except _DAMAGE as error:
        raise Unreadable(f"a damaged archive ({error}); save or copy it again") from None
