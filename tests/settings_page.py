"""Writes the table of docs/settings.md from `ui.settings`, which a test checks.

Run as ``python -m tests.settings_page``.
"""

from pathlib import Path

from ui.cli import cli
from ui.configuring import shown
from ui.settings import DEFAULTS, MEANINGS, allowed, variable

PAGE = Path(__file__).parent.parent / "docs" / "settings.md"
BEGIN = "<!-- settings: written by python -m tests.settings_page -->\n"
END = "<!-- end of settings -->"


def options_of(name: str) -> str:
    """Returns the options that say a setting, and of which commands."""
    found = {
        command: " ".join(f"`{text}`" for text in (*option.opts, *option.secondary_opts))
        for command, each in sorted(cli.commands.items())
        for option in each.params
        if option.name == name
    }
    return f"{next(iter(found.values()))} of {', '.join(found)}" if found else "–"


def table() -> str:
    """Returns the table of all settings, as Markdown."""
    lines = ["| setting | means | may be | else | variable | option |", "|---" * 6 + "|"]
    for name, means in MEANINGS.items():
        cells = (f"`{name}`", means, allowed(name), shown(getattr(DEFAULTS, name)))
        lines.append(f"| {' | '.join((*cells, f'`{variable(name)}`', options_of(name)))} |")
    return "\n".join(lines) + "\n"


def with_table(text: str) -> str:
    """Returns the page with its table as it should be."""
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}{table()}{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
