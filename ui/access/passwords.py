"""Passwords and tokens, kept as hashes from which nobody can tell them."""

import hashlib
import hmac
from base64 import b64decode, b64encode
from secrets import token_bytes, token_urlsafe

# scrypt's cost: 64 MB and about a third of a second for each guess; from the OWASP Password Storage
# Cheat Sheet, "N=2^16, r=8, p=2".
_COST, _BLOCK, _LANES = 1 << 16, 8, 2
_SALT, _LENGTH = 16, 32

# OpenSSL refuses to take more than it is allowed: what the parameters need, and some room.
_MEMORY = 2 * 128 * _COST * _BLOCK

#: Characters of a password; a longer one is only work for the server.
SHORTEST, LONGEST = 12, 256

# By which a token is told from other secrets, by people and by programs that look for leaks.
_PREFIX = "readout_"


def hashed(password: str) -> str:
    """Returns what to keep of a password: the parameters, a salt and the hash."""
    salt = token_bytes(_SALT)
    parts = (_COST, _BLOCK, _LANES, _text(salt), _text(_scrypt(password, salt)))
    return "$".join(["scrypt", *map(str, parts)])


def matches(password: str, kept: str) -> bool:
    """Returns whether a password is the one that was kept; takes the same time for any.

    Raises:
        ValueError: If what was kept is none of `hashed`.
    """
    kind, cost, block, lanes, salt, expected = kept.split("$")
    if (kind, cost, block, lanes) != ("scrypt", str(_COST), str(_BLOCK), str(_LANES)):
        raise ValueError("another kind of hash")
    return hmac.compare_digest(_scrypt(password, b64decode(salt)), b64decode(expected))


def new_token() -> str:
    """Returns a secret for a program, which cannot be guessed."""
    return _PREFIX + token_urlsafe(32)


def token_hash(token: str) -> str:
    """Returns what to keep of a token or a session; of a random secret a plain hash tells nothing.

    To look a secret up by its hash takes a time that tells nothing of it either.
    """
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(
        password.encode(errors="surrogatepass"),
        salt=salt,
        n=_COST,
        r=_BLOCK,
        p=_LANES,
        maxmem=_MEMORY,
        dklen=_LENGTH,
    )


def _text(value: bytes) -> str:
    return b64encode(value).decode("ascii")
