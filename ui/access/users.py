"""The people who may log in, in the home's ``users.json``, which only its owner can read."""

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any, Literal, get_args

from filelock import FileLock

from index import FileStamp, Home
from index.durable import read_json, write_json
from ui.access.passwords import LONGEST, SHORTEST, hashed, matches, new_token, token_hash
from ui.errors import BadUser, UsersUnusable

#: What somebody may do: ask and read; or also change what is asked.
Role = Literal["ask", "manage"]
ROLES: tuple[Role, ...] = get_args(Role)

#: The file of a home's people.
FILE = "users.json"

_VERSION = 1
_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may log in.

    Attributes:
        name: In small letters.
        role: What they may do.
        password: What `ui.access.passwords.hashed` made of it; another one ends all sessions.
        tokens: Hashes of the tokens of their programs.
    """

    name: str
    role: Role
    password: str
    tokens: tuple[str, ...] = ()


class Users:
    """The people of a home; safe to share between threads and processes.

    What another process changes holds from the next look on.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self.path = home.path / FILE
        self._looking = threading.Lock()
        self._seen: tuple[FileStamp | None, Mapping[str, User]] = (None, {})

    def all(self) -> Mapping[str, User]:
        """Returns everybody by name; nobody if none was ever added.

        Raises:
            UsersUnusable: If the file cannot be used.
        """
        with self._looking:
            try:
                stamp = FileStamp.of(self.path)
                if stamp != self._seen[0]:
                    self._seen = (stamp, _users(read_json(self.path)))
            except (FileNotFoundError, NotADirectoryError):
                self._seen = (None, {})
            except (OSError, ValueError, TypeError, KeyError) as error:
                raise UsersUnusable(
                    f"{self.path}: cannot be used ({error}); mend it, or move it away and add"
                    " everybody again with: readout user add NAME"
                ) from error
            return self._seen[1]

    def find(self, name: str) -> User | None:
        """Returns somebody by name, in capitals or not.

        Raises:
            UsersUnusable: If the file cannot be used.
        """
        return self.all().get(name.lower())

    def by_token(self, token: str) -> User | None:
        """Returns whose token that is.

        Raises:
            UsersUnusable: If the file cannot be used.
        """
        kept = token_hash(token)
        return next((user for user in self.all().values() if kept in user.tokens), None)

    def by_password(self, name: str, password: str) -> User | None:
        """Returns who that is; takes as long for who is not there as for a wrong password.

        Raises:
            UsersUnusable: If the file cannot be used.
        """
        user = self.find(name)
        right = len(password) <= LONGEST and matches(password, user.password if user else _nobody())
        return user if right else None

    def add(self, name: str, role: Role, password: str) -> User:
        """Adds somebody.

        Raises:
            BadUser: If there is one of that name, or name or password will not do.
            UsersUnusable: If the file cannot be used.
            HomeUnusable: If it cannot be written.
        """
        name = name.lower()
        if not _NAME.fullmatch(name):
            raise BadUser(
                f"{name}: a name has at most 64 letters a to z, digits and . _ @ -; choose another"
            )
        user = User(name, role, hashed(_checked(name, password)))
        with self._changing() as users:
            if name in users:
                raise BadUser(f"{name}: is there already; to change it: readout user password")
            users[name] = user
        return user

    def check(self, name: str) -> None:
        """Tells if there is nobody of a name, before anything is asked for.

        Raises:
            BadUser: If there is not.
            UsersUnusable: If the file cannot be used.
        """
        _there(self.all(), name)

    def change_password(self, name: str, password: str) -> None:
        """Gives somebody another password, which ends their sessions.

        Raises:
            BadUser: If there is no such person, or the password will not do.
            UsersUnusable: If the file cannot be used.
            HomeUnusable: If it cannot be written.
        """
        kept = hashed(_checked(name, password))
        with self._changing() as users:
            user = _there(users, name)
            users[user.name] = replace(user, password=kept)

    def remove(self, name: str) -> None:
        """Takes somebody away, with their sessions and tokens; what they said stays.

        Raises:
            BadUser: If there is no such person.
            UsersUnusable: If the file cannot be used.
            HomeUnusable: If it cannot be written.
        """
        with self._changing() as users:
            del users[_there(users, name).name]

    def give_token(self, name: str) -> str:
        """Returns a new token of somebody, which is told this once.

        Raises:
            BadUser: If there is no such person.
            UsersUnusable: If the file cannot be used.
            HomeUnusable: If it cannot be written.
        """
        token = new_token()
        with self._changing() as users:
            user = _there(users, name)
            users[user.name] = replace(user, tokens=(*user.tokens, token_hash(token)))
        return token

    def revoke_tokens(self, name: str) -> int:
        """Makes all tokens of somebody void; returns how many there were.

        Raises:
            BadUser: If there is no such person.
            UsersUnusable: If the file cannot be used.
            HomeUnusable: If it cannot be written.
        """
        with self._changing() as users:
            user = _there(users, name)
            users[user.name] = replace(user, tokens=())
        return len(user.tokens)

    @contextmanager
    def _changing(self) -> Iterator[dict[str, User]]:
        """Gives everybody to change, and saves them unless the change fails; one at a time."""
        with self._home.writable(), FileLock(self.path.with_suffix(".lock")):
            users = dict(self.all())
            yield users
            kept = {"version": _VERSION, "users": [asdict(user) for user in users.values()]}
            write_json(self.path, kept, mode=0o600)


def _users(kept: dict[str, Any]) -> dict[str, User]:
    if kept["version"] != _VERSION:
        raise ValueError("written by another version of Readout")
    users = {}
    for entry in kept["users"]:
        user = User(**{**entry, "tokens": tuple(entry["tokens"])})
        if user.role not in ROLES:
            raise ValueError(f"no such role: {user.role}")
        users[user.name] = user
    return users


def _there(users: Mapping[str, User], name: str) -> User:
    user = users.get(name.lower())
    if user is None:
        raise BadUser(f"{name}: no such user; there are: {', '.join(users) or 'none'}")
    return user


def _checked(name: str, password: str) -> str:
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadUser(f"a password has {SHORTEST} to {LONGEST} characters; choose another")
    if password.lower() == name.lower():
        raise BadUser("the password is the name; choose another")
    return password


@cache
def _nobody() -> str:
    """What the password of who is not there is compared with."""
    return hashed(new_token())
