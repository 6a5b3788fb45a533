"""``readout evaluate``: which corpus is asked, and the bar that shows how far it is."""

import time
from contextlib import ExitStack
from pathlib import Path

from assistant import Assistant
from assistant.errors import BadGolden
from assistant.evaluation import (
    Evaluation,
    check_packages,
    evaluate_beir,
    evaluate_golden,
)
from assistant.golden import GOLDEN, load_beir, load_golden
from assistant.ranking import Ranking
from index import Home, Progress, rebuild
from ui import terminal


def golden_file(home: Home) -> Path:
    """Returns the file of the golden questions that were collected in a home.

    Raises:
        BadGolden: If there is none.
    """
    path = home.path / GOLDEN
    if not path.exists():
        raise BadGolden(
            f"{path}: no golden questions yet; collect some in the page (readout serve), or name"
            " a file"
        )
    return path


def measure(
    home: Home,
    questions: Path,
    corpus: tuple[Path, ...],
    ranking: Ranking,
    threshold: float | None,
    *,
    as_json: bool,
) -> Evaluation:
    """Measures golden questions or a BEIR folder.

    Args:
        home: What is asked, unless there is a corpus.
        questions: A golden file, or a folder in BEIR layout.
        corpus: Files to index in a throw-away home; of a BEIR folder, its own corpus.
        ranking: How what is found is ranked.
        threshold: Confidence below which an answer counts as refused; else the fitted one.
        as_json: Whether progress is for programs.

    Raises:
        ReadoutError: If the questions or the corpus cannot be used.
    """
    check_packages()
    own = questions / "corpus.jsonl"
    sources = corpus or ((own,) if own.is_file() else ())
    with ExitStack() as stack:
        on_progress = stack.enter_context(terminal.progress(as_json=as_json))
        if sources:
            home = stack.enter_context(home.throw_away(sources))
            rebuild(home, on_progress=on_progress)
        assistant = stack.enter_context(Assistant.open(home, ranking))

        started = time.perf_counter()

        def asked(done: int, total: int) -> None:
            on_progress(Progress("ask", done, total, time.perf_counter() - started))

        if questions.is_dir():
            return evaluate_beir(assistant, load_beir(questions), asked)
        return evaluate_golden(assistant, load_golden(questions), threshold, asked)
