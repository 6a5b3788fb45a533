"""The errors of serving people, below `corpus.errors.ReadoutError`.

::

    ServingError
    ├── PortInUse           another program listens at the address
    ├── AddressUnusable     this machine cannot listen at the address
    └── NobodyCanLogIn      a login is needed, and nobody was added who could

    UserError
    ├── BadUser             no such user, or a name or password that will not do
    ├── TooOften            too many wrong passwords
    └── UsersUnusable       the file of users cannot be used

    FileUnwritable          a file that was to be written cannot be
    BadReceipt              what was given to check is no receipt
    MapNotDrawn             the map of the corpus could not be drawn
    UploadRefused           files that somebody brought to the page are not taken
    NotPossible             what cannot be done from there, or to that
    BadSetting              a setting that is unknown, or has a value it cannot have
    NoWriter                no language model is set that could write
    ExtraMissing            the packages of an extra are not installed
    Busy                    more is asked than can be answered in time
"""

from corpus import ReadoutError


class ServingError(ReadoutError):
    """The web chat could not be served."""


class PortInUse(ServingError):
    """Another program listens at the address already."""


class AddressUnusable(ServingError):
    """The address is not one that this machine can listen at."""


class NobodyCanLogIn(ServingError):
    """People must log in to what would be served, and there is nobody who could."""


class UserError(ReadoutError):
    """Something about the people who may log in."""


class BadUser(UserError):
    """There is no such user, or the name or the password will not do."""


class TooOften(UserError):
    """There were too many wrong passwords.

    Attributes:
        seconds: How long to wait.
    """

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many wrong passwords; wait {seconds} s")
        self.seconds = seconds


class UsersUnusable(UserError):
    """The file of users cannot be read; the message says why."""


class FileUnwritable(ReadoutError):
    """A file in which a command was to put its results cannot be written."""


class BadReceipt(ReadoutError):
    """What was given to check is no receipt; the message says why."""


class MapNotDrawn(ReadoutError):
    """The map of the corpus could not be drawn."""


class UploadRefused(ReadoutError):
    """Files that somebody brought to the page are not taken; the message says why."""


class NotPossible(ReadoutError):
    """Something that cannot be done from where it was asked, or to what; it says what can."""


class BadSetting(ReadoutError):
    """A setting of a home or of the environment cannot be used; the message says which and why."""


class NoWriter(ReadoutError):
    """An answer was to be written up, and no language model is set."""


class ExtraMissing(ReadoutError):
    """The packages that an extra brings are not installed; the message says how to get them."""


class Busy(ReadoutError):
    """So much waits already that something new would wait too long."""
