"""The report of an evaluation and the command that writes it."""

import json
import re
import sys
from html import escape
from pathlib import Path

import pytest
from browsing import HOSTILE
from click.testing import CliRunner, Result
from playwright.sync_api import Browser, expect

from assistant.comparison import compare
from assistant.evaluation import Evaluation
from assistant.measures import Bin, RiskCoverage
from assistant.outcomes import FirstQuote, Outcome, measures_of
from index import Home
from ui.cli import cli
from ui.plots import histogram_svg, reliability_svg, risk_coverage_svg
from ui.report import report_html


def outcome(question: str = "Who?", *, answerable: bool = True, **changes: object) -> Outcome:
    first = FirstQuote("a.txt", f"Title {HOSTILE}", 0, 9, f"Quote {HOSTILE}")
    values = {"answered": True, "confidence": 0.9, "passage_rank": 1, "quote_rank": 1}
    values |= {"milliseconds": 9.0, "kind": f"kind {HOSTILE}", "first": first}
    return Outcome(question, answerable, **values | changes)


OUTCOMES = (
    outcome(f"Question {HOSTILE}", turns=(f"Turn {HOSTILE}",)),
    outcome("Wrong?", quote_rank=3, confidence=0.4),
    outcome("Refused?", answered=False, confidence=0.1, first=None, quote_rank=None),
    outcome("Nothing?", answerable=False, quote_rank=None, confidence=0.6),
    outcome("Rightly?", answerable=False, answered=False, quote_rank=None, confidence=0.0),
)


def evaluation(*outcomes: Outcome) -> Evaluation:
    return Evaluation(measures_of(outcomes), outcomes, {})


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1300, 390])
def test_a_report_with_hostile_texts_shows_them_and_asks_nobody(
    browser: Browser, tmp_path: Path, width: int, scheme: str
):
    compared = compare(OUTCOMES, OUTCOMES)
    file = tmp_path / "report.html"
    about = {f"about {HOSTILE}": HOSTILE}
    file.write_text(report_html(evaluation(*OUTCOMES), about, compared), encoding="utf-8")
    context = browser.new_context(
        viewport={"width": width, "height": 844}, color_scheme=scheme, offline=True
    )
    page = context.new_page()
    asked, problems = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(file.as_uri())

    assert [url for url in asked if not url.startswith("data:")] == [file.as_uri()]
    assert problems == []
    assert page.evaluate("window.canary") is None
    assert page.locator("script, img, iframe, form, [onerror]").count() == 0
    text = page.locator("body").text_content()
    for start in ("about", "Question", "Turn", "Quote", "Title", "kind"):
        assert f"{start} {HOSTILE}" in text
    expect(page.locator("svg")).to_have_count(3)
    expect(page.locator("summary")).to_have_text(
        [
            "Answered, though nothing answers it (1)",
            "Wrong (1)",
            "Refused (1)",
            "Right (1)",
            "Rightly refused (1)",
        ]
    )
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shades = page.evaluate(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    )
    paper, ink = (sum(map(int, re.findall(r"\d+", shade))) for shade in shades)
    assert (paper > ink) is (scheme == "light")
    context.close()


def test_a_report_without_questions_or_baseline_has_its_measures():
    shown = report_html(Evaluation({"nDCG@10": 0.5, "AUROC": None}, (), {}), {"day": "today"})
    assert "<td>nDCG@10</td><td>0.500</td>" in shown
    assert "<td>AUROC</td><td>–</td>" in shown
    assert "<svg" not in shown
    assert "Against the baseline" not in shown


def test_plots_put_points_where_the_numbers_are():
    curve = risk_coverage_svg(RiskCoverage((0.5, 1.0), (0.0, 0.5)))
    assert 'points="44.0,220.0 185.0,220.0 326.0,116.0"' in curve
    assert "area under it 0.250" in curve
    dots = reliability_svg((Bin(3, 0.5, 1.0),))
    assert 'cx="185.0" cy="12.0"' in dots
    assert "3 questions: 50% sure, 100% right" in dots
    bars = re.findall(
        r'class="(right|wrong|none)" x="([\d.]+)" y="([\d.]+)"', histogram_svg(OUTCOMES)
    )
    assert [kind for kind, _, _ in bars] == ["none", "wrong", "wrong", "none", "right"]
    both = histogram_svg([outcome(confidence=1.0), outcome(confidence=0.95, quote_rank=None)])
    assert re.findall(r'y="([\d.]+)" width="26.2" height="([\d.]+)"', both) == [
        ("116.0", "104.0"),
        ("12.0", "104.0"),
    ]


# ---- The command ----------------------------------------------------------------------------


def evaluate(home: Home, *arguments: object) -> Result:
    return CliRunner().invoke(cli, ["evaluate", "--home", str(home.path), *map(str, arguments)])


def test_evaluate_writes_what_it_is_told_to_and_compares_with_it_later(
    bundled_home: Home, tmp_path: Path
):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["readout"])
        golden = bundled_home.path / "golden.jsonl"
        refused = evaluate(bundled_home)
        assert "no golden questions yet; collect some in the page" in str(refused.exception)
        rows = [
            {"question": "Who co-chaired the 11th dialogue?", "answers": [], "kind": "<b>"},
            {"question": "What is the price of gold in Zanzibar?", "answers": []},
        ]
        golden.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
        results, run, report = (tmp_path / name for name in ("a.jsonl", "a.run", "a.html"))

        first = evaluate(bundled_home, "--results", results, "--run", run)
        assert first.exit_code == 0, first.exception
        assert len(results.read_text(encoding="utf-8").splitlines()) == 2
        line = run.read_text(encoding="utf-8").splitlines()[0]
        assert re.fullmatch(r"1 Q0 \S+#\d+ 1 -1 readout", line)

        second = evaluate(bundled_home, "--baseline", results, "--report", report, "--json")
        assert second.exit_code == 0, second.exception
        found = json.loads(second.stdout.splitlines()[-1])
        assert {"measures", "outcomes", "slices", "reliability", "risk_coverage"} <= set(found)
        assert found["comparison"]["measures"]["false answers"]["difference"] == 0
        assert found["slices"]["unanswerable"]["<b>"]["questions"] == 1
        assert escape("<b>") in report.read_text(encoding="utf-8")

        golden.write_text(json.dumps(rows[0]), encoding="utf-8")
        other = evaluate(bundled_home, "--baseline", results)
        assert "different questions (2 and 1;" in str(other.exception)
        assert evaluate(bundled_home, "--report", tmp_path / "no" / "a.html").exit_code == 2
