"""What to tell who lacks the packages of an extra."""

from importlib.metadata import PackageNotFoundError, version

from ui.errors import ExtraMissing


def check_extra(extra: str, package: str, since: int) -> None:
    """Tells how to get the packages of an extra if they are missing, or too old.

    Args:
        extra: Its name, as in ``pip install 'readout[name]'``.
        package: The one that it is about.
        since: The first major version of it that will do.

    Raises:
        ExtraMissing: If that is not installed.
    """
    try:
        found = version(package)
    except PackageNotFoundError:
        found = "none"
    if found == "none" or int(found.partition(".")[0]) < since:
        raise ExtraMissing(
            f"{extra} needs {package} {since} or newer, here is {found};"
            f" run: pip install 'readout[{extra}]'"
        )
