"""Who sends a request, as the routes are told by `ui.access.gate`."""

from dataclasses import dataclass

from starlette.requests import HTTPConnection

from ui.access.users import Role


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks.

    Attributes:
        name: Their name; None where nobody needs to log in.
        role: What they may do.
    """

    name: str | None
    role: Role


#: Who asks where nobody needs to log in: the person at this machine, who may do everything.
ANYBODY = Person(None, "manage")


def person_of(request: HTTPConnection) -> Person:
    """Returns who sent a request that was let in."""
    person: Person = request.state.person
    return person
