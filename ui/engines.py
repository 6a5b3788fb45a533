"""Where the settings say that passages are searched."""

from pathlib import Path
from urllib.parse import urlsplit

from index import Home, Place
from ui.errors import BadSetting
from ui.settings import Settings


def place_of(settings: Settings, home: Home) -> Place:
    """Returns where passages are searched; a file of Milvus Lite may be named from the home on.

    Raises:
        BadSetting: If the address is none.
    """
    others = (settings.engine_token or "", settings.engine_shards, settings.engine_replicas)
    match settings.engine_kind:
        case "milvus":
            return Place(address_of(settings.engine_uri or "", home.path), *others)
        case "faiss":
            return Place("", *others)
    return Place(None, *others)


def address_of(uri: str, folder: Path) -> str:
    """Returns the address of a Milvus server, or the whole path of a file of Milvus Lite.

    Args:
        uri: As it was said.
        folder: From where on a path counts.

    Raises:
        BadSetting: If it is neither.
    """
    parts = urlsplit(uri)
    if parts.scheme in ("http", "https", "tcp", "unix"):
        if parts.username or parts.password:
            raise BadSetting(
                f"{parts.scheme}://…@{parts.hostname}: an address is shown and kept, so no password"
                " may stand in it; put it into READOUT_ENGINE_TOKEN as name:password"
            )
        return uri
    if uri.endswith(".db"):
        return str(folder / Path(uri).expanduser())
    raise BadSetting(
        f"{uri}: is no address of a Milvus server, such as http://localhost:19530, and no file of"
        " Milvus Lite, whose name ends in .db"
    )
