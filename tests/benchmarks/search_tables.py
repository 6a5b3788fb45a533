"""The tables of docs/measurements.md on questions: words fused, follow-ups, confidence."""

from typing import Any

from tests.benchmarks.markdown import markdown_table

Figures = dict[str, Any]

# How a follow-up's words may be searched, and what that is called in the table.
_WAYS = {
    "alone": "alone",
    "with the question before": "with the question before it",
    "with all questions before": "with all before it",
    "carried": "with what is carried over",
}


def fusion_table(figures: Figures) -> str:
    """Returns nDCG@10 of the fused ranking and of its parts by set, as Markdown."""
    rows = [
        [
            name,
            *(f"{found[way]:.3f}" for way in ("dense", "lexical", "fixed at 0.6", "fused")),
            f"{found['fused'] - max(found['dense'], found['lexical']):+.3f}",
        ]
        for name, found in figures["fusion"].items()
    ]
    head = ["set", "meaning", "words", "fused, 0.6 of meaning", "fused, as scores tell"]
    return markdown_table([*head, "and the better part"], rows)


def followups_table(figures: Figures) -> str:
    """Returns what is found for the last questions of conversations, as Markdown."""
    rows = [
        [
            f"{half.removeprefix('conversations, ')}, {which}",
            *(f"{found[way]['recall@10']:.3f}, {found[way]['nDCG@10']:.3f}" for way in _WAYS),
        ]
        for half, groups in figures["follow-ups"].items()
        if half.startswith("conversations")
        for which, found in groups.items()
    ]
    return markdown_table(["recall@10, nDCG@10", *_WAYS.values()], rows)


def calibration_table(figures: Figures) -> str:
    """Returns how often answers are right that are so or so sure, by set, as Markdown."""
    sets = ["press releases, held out", "press releases", "squad2"]
    found = [figures["reader"][name]["with it"] for name in sets]
    rows = [
        [f"{number}. tenth", *(f"{at['confidence']:.2f}, {at['right']:.2f}" for at in bins)]
        for number, bins in enumerate(zip(*(of["reliability"] for of in found), strict=True), 1)
    ]
    errors = [f"{of['expected calibration error']:.2f}" for of in found]
    rows.append(["expected calibration error", *errors])
    return markdown_table(["questions by confidence", *sets], rows)
