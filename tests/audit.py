"""Looks for known vulnerabilities of every pinned package, and lists the packages (an SBOM).

Run as ``make audit``, or ``python -m tests.audit BIN OUT``: BIN is where pip-audit and cyclonedx-py
are, OUT the folder for ``vulnerabilities.json`` and ``sbom.cdx.json`` (CycloneDX 1.6). Ends with 1
if a vulnerability is known, and with 2 if that could not be looked up of every package.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PINS = ROOT / "constraints.txt"


def sbom(programs: Path, out: Path) -> Path:
    """Writes what is pinned as CycloneDX; needs no network."""
    target = out / "sbom.cdx.json"
    command = [programs / "cyclonedx-py", "requirements", "--pyproject", ROOT / "pyproject.toml"]
    command += ["--output-reproducible", "--sv", "1.6", "-o", target, PINS]
    subprocess.run(command, check=True)
    return target


def vulnerabilities(programs: Path, out: Path) -> tuple[list[str], list[str]] | None:
    """Returns a line for each known vulnerability, and the packages PyPI told nothing of.

    None if PyPI could not be asked at all.
    """
    target = out / "vulnerabilities.json"
    target.unlink(missing_ok=True)
    command = [programs / "pip-audit", "--disable-pip", "--no-deps", "-r", PINS]
    command += ["--progress-spinner", "off", "-f", "json", "-o", target]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode not in (0, 1) or not target.exists():
        print(run.stderr.strip().splitlines()[-1:] or "no reason given", file=sys.stderr)
        return None
    found = json.loads(target.read_text(encoding="utf-8"))["dependencies"]
    unknown = [each["name"] for each in found if "skip_reason" in each]
    return [
        f"{each['name']} {each['version']}: {known['id']}, mended in"
        f" {', '.join(known['fix_versions']) or 'no version yet'}"
        for each in found
        for known in each.get("vulns", [])
    ], unknown


def main(programs: Path, out: Path) -> int:
    """Does both; returns the exit status."""
    out.mkdir(parents=True, exist_ok=True)
    print(f"{sbom(programs, out)}: what is installed, as CycloneDX")
    found = vulnerabilities(programs, out)
    if found is None:
        print("PyPI cannot be asked for vulnerabilities; run it again with a network")
        return 2
    lines, unknown = found
    print("\n".join(lines) or "No vulnerability is known of what could be looked up.")
    if unknown:
        print(f"Not looked up, as PyPI told nothing of them: {len(unknown)}: {', '.join(unknown)}")
    return 1 if lines else 2 if unknown else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
