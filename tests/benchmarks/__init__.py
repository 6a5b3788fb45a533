"""Measurements of speed and quality, run by hand."""

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "docs" / "measurements.json"


def record(figures: dict[str, Any]) -> None:
    """Puts figures in the place of those of the same names in docs/measurements.json."""
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    RESULTS.write_text(json.dumps(known | figures, indent=1) + "\n", encoding="utf-8")
