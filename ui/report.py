"""The report of an evaluation: one HTML file that needs no other, and no script."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from assistant.comparison import Comparison
from assistant.evaluation import Evaluation
from assistant.measures import Measures, reliability, risk_coverage
from assistant.outcomes import Outcome, slices_of
from ui.plots import histogram_svg, reliability_svg, risk_coverage_svg
from ui.terminal import measure_text

_STATIC = Path(__file__).parent / "static"


def report_html(
    evaluation: Evaluation, about: Mapping[str, str], compared: Comparison | None = None
) -> str:
    """Returns a report of what was measured; every text from people or documents is escaped.

    Args:
        evaluation: What was measured.
        about: What to say at its top, by name.
        compared: How it differs from a baseline, if there is one.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # lazy: asking needs none

    environment = Environment(
        loader=FileSystemLoader(_STATIC), autoescape=True, undefined=StrictUndefined
    )
    outcomes = evaluation.outcomes
    return environment.get_template("report.html").render(
        about=about,
        measures=_shown(evaluation.measures),
        plots=_plots(outcomes) if outcomes else None,
        compared=compared,
        slices=_slices(outcomes),
        groups=_groups(outcomes),
    )


def _plots(outcomes: Sequence[Outcome]) -> dict[str, str]:
    from markupsafe import Markup  # lazy: comes with jinja2

    confidence = [outcome.confidence for outcome in outcomes]
    right = [outcome.right for outcome in outcomes]
    drawn = {
        "risk_coverage": risk_coverage_svg(risk_coverage(confidence, right)),
        "reliability": reliability_svg(reliability(confidence, right)),
        "histogram": histogram_svg(outcomes),
    }
    # Numbers and our own words alone: nothing in them is from people or documents.
    return {name: Markup(svg) for name, svg in drawn.items()}  # noqa: S704


def _slices(outcomes: Sequence[Outcome]) -> dict[str, dict[str, dict[str, str]]]:
    found = slices_of(outcomes)
    captions = {"answerable": found.answerable, "nothing answers": found.unanswerable}
    return {
        caption: {kind: _shown(measures) for kind, measures in kinds.items()}
        for caption, kinds in captions.items()
        if kinds
    }


def _groups(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    """Questions by what came of them: what went wrong first, the surest first."""
    groups: dict[str, list[Outcome]] = {}
    for outcome in sorted(outcomes, key=lambda each: (_went_well(each), -each.confidence)):
        groups.setdefault(outcome.verdict, []).append(outcome)
    return groups


def _went_well(outcome: Outcome) -> tuple[bool, bool]:
    well = outcome.answered and outcome.right if outcome.answerable else not outcome.answered
    return well, not outcome.answered


def _shown(measures: Measures) -> dict[str, str]:
    return {name: measure_text(value) for name, value in measures.items()}
