"""Plots of an evaluation as SVG that needs nothing else; `static/report.html` has their colours."""

from collections.abc import Sequence

from assistant.measures import Bin, RiskCoverage
from assistant.outcomes import Outcome

# The drawing's size, and where its axes start, in the units of its view box.
_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP, _RIGHT = 340, 260, 44, 40, 12, 14

# Bars of the histogram: as many as there are tenths.
_BARS = 10


def risk_coverage_svg(curve: RiskCoverage) -> str:
    """Returns how many first quotes are wrong, by the share of questions that are answered."""
    points = [_at(x, y) for x, y in zip(curve.coverage, curve.risk, strict=True)]
    start = _at(0.0, curve.risk[0])
    return _plot(
        f"Risk-coverage curve; area under it {curve.area:.3f}",
        "questions answered, the surest first",
        "wrong first quotes",
        f'<polyline class="line" points="{" ".join([start, *points])}"/>',
    )


def reliability_svg(bins: Sequence[Bin]) -> str:
    """Returns how often answers are right, by their confidence, with a diagonal to compare."""
    points = [_at(each.confidence, each.right) for each in bins]
    dots = (
        f'<circle class="dot" cx="{_x(each.confidence):.1f}" cy="{_y(each.right):.1f}" r="4">'
        f"<title>{each.questions:,} questions: {each.confidence:.0%} sure,"
        f" {each.right:.0%} right</title></circle>"
        for each in bins
    )
    return _plot(
        "Reliability curve",
        "confidence",
        "right first quotes",
        f'<polyline class="ideal" points="{_at(0, 0)} {_at(1, 1)}"/>'
        f'<polyline class="line" points="{" ".join(points)}"/>{"".join(dots)}',
    )


def histogram_svg(outcomes: Sequence[Outcome]) -> str:
    """Returns how many questions get which confidence, stacked by what their first quote is."""
    counts = {name: [0] * _BARS for name in ("right", "wrong", "none")}
    for outcome in outcomes:
        what = ("right" if outcome.right else "wrong") if outcome.answerable else "none"
        counts[what][min(_BARS - 1, int(outcome.confidence * _BARS))] += 1
    most = max(map(sum, zip(*counts.values(), strict=True)))
    bars = []
    for at in range(_BARS):
        below = 0
        for name, of in counts.items():
            if of[at]:
                top, bottom = _y((below + of[at]) / most), _y(below / most)
                bars.append(
                    f'<rect class="{name}" x="{_x(at / _BARS) + 1:.1f}" y="{top:.1f}"'
                    f' width="{_x(0.1) - _x(0) - 2:.1f}" height="{bottom - top:.1f}">'
                    f"<title>{of[at]:,}</title></rect>"
                )
                below += of[at]
    return _plot("Histogram of confidence", "confidence", "questions", "".join(bars), most)


def _plot(title: str, x_label: str, y_label: str, drawing: str, most: int = 1) -> str:
    """Draws on axes from 0 to 1, or on the left to ``most``."""
    marks = []
    for mark in (0, 0.5, 1):
        height = f"{mark * most:g}"
        marks.append(
            f'<line class="grid" x1="{_x(0):.1f}" y1="{_y(mark):.1f}" x2="{_x(1):.1f}"'
            f' y2="{_y(mark):.1f}"/>'
            f'<text x="{_x(0) - 6:.1f}" y="{_y(mark) + 4:.1f}" text-anchor="end">{height}</text>'
            f'<text x="{_x(mark):.1f}" y="{_y(0) + 16:.1f}" text-anchor="middle">{mark:g}</text>'
        )
    middle = (_TOP + _HEIGHT - _BOTTOM) / 2
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{title}">'
        f'{"".join(marks)}{drawing}<text class="label" x="{_x(0.5):.1f}" y="{_HEIGHT - 6}"'
        f' text-anchor="middle">{x_label}</text><text class="label" text-anchor="middle"'
        f' transform="translate(11 {middle:.0f}) rotate(-90)">{y_label}</text></svg>'
    )


def _x(share: float) -> float:
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


def _y(share: float) -> float:
    return _HEIGHT - _BOTTOM - share * (_HEIGHT - _BOTTOM - _TOP)


def _at(x: float, y: float) -> str:
    return f"{_x(x):.1f},{_y(y):.1f}"
