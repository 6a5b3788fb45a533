"""What people say of answers, in the home's ``feedback.sqlite``; good ones become golden questions.

A verdict is what somebody said of one answer: that it is good or bad (*up*, *down*), or of a
passage that it is the right or a wrong one. *Nothing* says that no passage answers.
"""

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Literal, cast, get_args

from assistant.errors import FeedbackUnusable
from assistant.golden import QuotedPlace
from assistant.questions import checked_question
from index import Home

#: What can be said.
Verdict = Literal["up", "down", "right", "wrong", "nothing"]

#: Where it is kept, in the home.
FEEDBACK = "feedback.sqlite"

# What brings a file from each version to the next, the first from nothing.
_SCHEMAS = (
    """
CREATE TABLE feedback (
  id INTEGER PRIMARY KEY, time TEXT NOT NULL, generation TEXT NOT NULL, verdict TEXT NOT NULL,
  question TEXT NOT NULL, turns TEXT NOT NULL, within TEXT NOT NULL, place TEXT NOT NULL
);
CREATE INDEX feedback_by_question ON feedback (question);
""",
    "ALTER TABLE feedback ADD COLUMN person TEXT NOT NULL DEFAULT ''",
)

_VERSION = len(_SCHEMAS)

# What SQLite says where a disk is full or failing, or where nothing can be written.
_DISK = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
}

# Seconds to wait for another process that writes.
_PATIENCE = 10.0

# What is taken back by what: of an answer or a passage only one of each holds.
_CONTRARY: dict[Verdict, Verdict] = {"up": "down", "down": "up", "right": "wrong", "wrong": "right"}


@dataclass(frozen=True, slots=True)
class Opinion:
    """What somebody said of an answer.

    Attributes:
        verdict: What.
        question: The question as it was typed.
        turns: The questions before it in its conversation, oldest first.
        within: What part of the corpus was searched, as a link of the page says it; empty: all.
        place: The citation it is about (of an answer its first); None if there is none.
        generation: The name of the generation that answered.
        time: When, in UTC.
        person: Who said it, by the name they log in with; empty where nobody does.
    """

    verdict: Verdict
    question: str
    turns: tuple[str, ...]
    within: str
    place: QuotedPlace | None
    generation: str
    time: datetime
    person: str = ""


class Feedback:
    """The opinions of a home; safe to share between threads and processes.

    Nothing is created until something is written.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self.path = home.path / FEEDBACK

    def add(
        self,
        verdict: Verdict,
        question: str,
        turns: Sequence[str],
        within: str,
        place: QuotedPlace | None,
        generation: str,
        person: str = "",
    ) -> bool:
        """Records an opinion in place of its contrary; returns whether it is new.

        The arguments are those of `Opinion`.

        Raises:
            BadQuestion: If the question, or one before it, is empty or too long.
            FeedbackUnusable: If the file cannot be used.
            HomeUnusable: If the home cannot be written.
        """
        about = _about(question, turns, within, place, person)
        with self._writing() as connection:
            if contrary := _CONTRARY.get(verdict):
                _delete(connection, contrary, about)
            known = connection.execute(
                f"SELECT 1 FROM feedback WHERE verdict = ? AND {_SAME}",  # noqa: S608
                (verdict, *about),
            )
            if known.fetchone():
                return False
            now = datetime.now(UTC).isoformat(timespec="seconds")
            connection.execute(
                "INSERT INTO feedback"
                " (time, generation, verdict, question, turns, within, place, person)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (now, generation, verdict, *about),
            )
            return True

    def take_back(
        self,
        verdict: Verdict,
        question: str,
        turns: Sequence[str],
        within: str,
        place: QuotedPlace | None,
        person: str = "",
    ) -> bool:
        """Takes an opinion of somebody back; returns whether it was there.

        Raises:
            BadQuestion: As `add`.
            FeedbackUnusable: As `add`.
            HomeUnusable: As `add`.
        """
        about = _about(question, turns, within, place, person)
        if not self.path.exists():
            return False
        with self._writing() as connection:
            return _delete(connection, verdict, about)

    def opinions(self, person: str | None = None) -> list[Opinion]:
        """Returns opinions, oldest first.

        Args:
            person: Whose; None for everybody's.

        Raises:
            FeedbackUnusable: If the file cannot be used.
        """
        if not self.path.exists():
            return []
        with self._told(), closing(self._connected()) as connection:
            [version] = connection.execute("PRAGMA user_version").fetchone()
            said_by = "person" if version >= _VERSION else "''"  # a file of before is only read
            rows = connection.execute(
                "SELECT verdict, question, turns, within, place, generation, time,"  # noqa: S608
                f" {said_by} AS who FROM feedback WHERE who = ?1 OR ?1 IS NULL ORDER BY id",
                (person,),
            )
            return [_opinion(row) for row in rows]

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Gives a connection that holds the right to write; all is kept, or nothing."""
        with (
            self._home.writable(),
            self._told(),
            _told_of_the_disk(),
            closing(self._connected()) as connection,
        ):
            connection.execute("BEGIN IMMEDIATE")
            try:
                [version] = connection.execute("PRAGMA user_version").fetchone()
                for schema in _SCHEMAS[version:]:
                    for statement in filter(str.strip, schema.split(";")):
                        connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {_VERSION}")
                yield connection
            except BaseException:
                if connection.in_transaction:  # a disk that is full ends it by itself
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def _connected(self) -> sqlite3.Connection:
        if not self.path.exists():  # what people ask is for nobody else of this machine to read
            os.close(os.open(self.path, os.O_CREAT | os.O_WRONLY, 0o600))
        connection = sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level=None)
        [version] = connection.execute("PRAGMA user_version").fetchone()
        if version > _VERSION:
            connection.close()
            raise FeedbackUnusable(
                f"{self.path}: written by a newer Readout; update this one, or move the file away"
            )
        return connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, ValueError, TypeError, RecursionError) as error:
            raise FeedbackUnusable(
                f"{self.path}: cannot be used ({error}); mend it, or move it away"
            ) from error


@contextmanager
def _told_of_the_disk() -> Iterator[None]:
    """Tells what is the disk's fault, and not the file's, as that."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in _DISK:
            raise OSError(str(error)) from error
        raise


def golden_rows(opinions: Iterable[Opinion]) -> list[dict[str, Any]]:
    """Returns the golden questions that opinions make, as lines of a golden file.

    *Up* and *right* give a question the place, *nothing* one without answers. What was asked
    within a part of the corpus is left out, as it may have another answer elsewhere; so is a
    question that is said both to be answered and not.
    """
    rows: dict[tuple[str, tuple[str, ...]], dict[str, Any]] = {}
    refused: set[tuple[str, tuple[str, ...]]] = set()
    for opinion in opinions:
        if opinion.within or opinion.verdict not in ("up", "right", "nothing"):
            continue
        key = (opinion.question, opinion.turns)
        row = rows.setdefault(key, _row(opinion))
        if opinion.place is None:
            refused.add(key)
        elif (answer := asdict(opinion.place)) not in row["answers"]:
            row["answers"].append(answer)
    return [row for key, row in rows.items() if not (key in refused and row["answers"])]


def wrong_rows(opinions: Iterable[Opinion]) -> list[dict[str, Any]]:
    """Returns the passages that were said to be wrong: a question with its ``wrong`` place."""
    return [
        {
            "question": opinion.question,
            "turns": list(opinion.turns),
            "within": opinion.within,
            "wrong": asdict(opinion.place),
        }
        for opinion in opinions
        if opinion.verdict == "wrong" and opinion.place
    ]


def opinion_json(opinion: Opinion) -> dict[str, Any]:
    """Returns an opinion as programs read it."""
    return {
        "verdict": opinion.verdict,
        "question": opinion.question,
        "turns": list(opinion.turns),
        "within": opinion.within,
        "place": opinion.place and asdict(opinion.place),
        "generation": opinion.generation,
        "time": opinion.time.isoformat(),
        "person": opinion.person or None,
    }


_SAME = "question = ? AND turns = ? AND within = ? AND place = ? AND person = ?"


def _about(
    question: str, turns: Sequence[str], within: str, place: QuotedPlace | None, person: str
) -> tuple[str, str, str, str, str]:
    """What an opinion is about, as the columns that `_SAME` compares."""
    before = list(map(checked_question, turns))
    where = json.dumps(asdict(place) if place else None, ensure_ascii=False)
    asked = json.dumps(before, ensure_ascii=False)
    return checked_question(question), asked, within, where, person


def _delete(connection: sqlite3.Connection, verdict: Verdict, about: Sequence[str]) -> bool:
    query = f"DELETE FROM feedback WHERE verdict = ? AND {_SAME}"  # noqa: S608
    return connection.execute(query, (verdict, *about)).rowcount > 0


def _opinion(row: Sequence[str]) -> Opinion:
    verdict, question, turns, within, place, generation, time, person = row
    if verdict not in get_args(Verdict):
        raise ValueError(f"no such verdict: {verdict}")
    where = json.loads(place)
    return Opinion(
        cast(Verdict, verdict),
        question,
        tuple(json.loads(turns)),
        within,
        QuotedPlace(**where) if where else None,
        generation,
        datetime.fromisoformat(time),
        person,
    )


def _row(opinion: Opinion) -> dict[str, Any]:
    row: dict[str, Any] = {"question": opinion.question, "answers": []}
    return row | {"turns": list(opinion.turns)} if opinion.turns else row
