"""Figures for Prometheus: what was asked, how long it took, and what the index holds."""

from collections.abc import Iterator
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from assistant import Answer, Assistant
from assistant.ranking import Ranking
from index import Generation, Home
from ui.finishing import UnderWay
from ui.rebuilding import Asking, Rebuilding, Running

# Seconds: an answer takes a few hundredths; one that takes ten is lost.
_SECONDS = (0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

_OUTCOMES = ("answered", "refused", "failed")


class CountingAssistant(Assistant):
    """An assistant that counts what people and programs ask, on the page as over HTTP.

    What Readout asks itself, to suggest questions, is not counted: it asks by `ask`.

    Attributes:
        registry: Where the figures are; its own, so that two in one process do not mix.
        under_way: The questions that are being answered.
    """

    def __init__(self, home: Home, generation: Generation, ranking: Ranking | None = None) -> None:
        super().__init__(home, generation, ranking)
        self.registry = CollectorRegistry()
        self.under_way = UnderWay()
        self._questions = Counter(
            "readout_questions",
            "Questions asked, by what came of them",
            ["outcome"],
            registry=self.registry,
        )
        for outcome in _OUTCOMES:
            self._questions.labels(outcome)  # shown as 0 before the first
        self._seconds = Histogram(
            "readout_question_seconds",
            "How long answers and refusals took",
            buckets=_SECONDS,
            registry=self.registry,
        )

    def ask_counted(self, *args: Any, **options: Any) -> Answer:  # noqa: ANN401 (`ask` checks them)
        """Does what `ask` does, and counts it."""
        outcome = "failed"
        try:
            with self.under_way.one():
                answer = self.ask(*args, **options)
            outcome = "refused" if answer.abstained else "answered"
            self._seconds.observe(answer.milliseconds / 1000)
        finally:
            self._questions.labels(outcome).inc()
        return answer


class _State(Collector):
    """What can be read off the moment it is asked for."""

    def __init__(self, assistant: Assistant, rebuilding: Rebuilding) -> None:
        self._assistant = assistant
        self._rebuilding = rebuilding

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        manifest, state = self._assistant.generation.manifest, self._rebuilding.state
        yield CounterMetricFamily(
            "readout_rebuilds", "Rebuilds started by this server", self._rebuilding.runs
        )
        yield GaugeMetricFamily(
            "readout_rebuild_running",
            "Whether a rebuild is at work, or asks whether to switch",
            float(isinstance(state, Running | Asking)),
        )
        number = int(self._assistant.generation.name)
        yield GaugeMetricFamily("readout_generation", "Number of the index that answers", number)
        yield GaugeMetricFamily("readout_documents", "Documents in it", manifest.documents)
        yield GaugeMetricFamily("readout_passages", "Passages in it", manifest.passages)
        yield GaugeMetricFamily(
            "readout_problems", "Files and records that it leaves out", len(manifest.problems)
        )


def metrics_text(assistant: CountingAssistant, rebuilding: Rebuilding) -> bytes:
    """Returns all figures in Prometheus' text format."""
    state = CollectorRegistry()
    state.register(_State(assistant, rebuilding))
    return generate_latest(assistant.registry) + generate_latest(state)
