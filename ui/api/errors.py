"""The errors that only programs meet, below `corpus.errors.ReadoutError`.

::

    RequestError
    ├── Foreign         a request that a page of another site could have sent
    ├── NotJson         a body that does not say it is JSON
    └── NotNow          a rebuild cannot be started, stopped or approved as it stands
"""

from corpus import ReadoutError


class RequestError(ReadoutError):
    """A request that makes sense cannot be served."""


class Foreign(RequestError):
    """The request changes something, and a page of another site could have sent it."""


class NotJson(RequestError):
    """The body does not say that it is JSON, so a form of another site could have sent it."""


class NotNow(RequestError):
    """The rebuild is not in the state that this would need."""
