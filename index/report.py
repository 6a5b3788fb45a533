"""What a build tells: how far it is, and in the end what it did."""

from collections import Counter
from dataclasses import dataclass

from corpus import Problem
from index.store import Store


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a build is.

    Attributes:
        stage: What it is at.
        done: Units of the stage that are done.
        total: Units it has; 0 where that is not known.
        seconds: Since the stage began.
    """

    stage: str
    done: int
    total: int
    seconds: float

    @property
    def rate(self) -> float:
        """Units a second so far in this stage; 0 before the first."""
        return self.done / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Until the end of the stage at that rate; None where nobody can know."""
        return (self.total - self.done) / self.rate if self.rate and self.total else None


@dataclass(frozen=True, slots=True)
class Changes:
    """How many documents changed since the generation before.

    Attributes:
        added: New ones.
        changed: Those whose original has another content.
        renamed: Those whose content lies elsewhere now.
        removed: Those that are gone.
    """

    added: int = 0
    changed: int = 0
    renamed: int = 0
    removed: int = 0

    @classmethod
    def between(cls, before: Store | None, after: Store) -> "Changes":
        """Compares two corpora by where each document is from and the hash of its original."""
        old = before.origins() if before else {}
        new = after.origins()
        arrived = Counter(new[origin] for origin in new.keys() - old.keys())
        left = Counter(old[origin] for origin in old.keys() - new.keys())
        renamed = (arrived & left).total()
        return cls(
            added=arrived.total() - renamed,
            changed=sum(new[origin] != old[origin] for origin in new.keys() & old.keys()),
            renamed=renamed,
            removed=left.total() - renamed,
        )


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did.

    Attributes:
        generation: The generation that serves now.
        changed: Whether it is a new one.
        documents: Documents in it.
        passages: Passages in it.
        encoded: Passages whose vectors had to be computed.
        changes: What changed in the corpus.
        problems: What was skipped, and why.
        seconds: How long the build took.
    """

    generation: str
    changed: bool
    documents: int
    passages: int
    encoded: int
    changes: Changes
    problems: tuple[Problem, ...]
    seconds: float
