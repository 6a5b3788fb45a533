"""What a shell may count on: completion, help, JSON, exit statuses and colours of every command."""

import inspect
import json
import os
import pty
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from corpus import ReadoutError
from index import Home
from ui.cli import cli

ROOT = Path(__file__).parent.parent
MAIN = [sys.executable, "-c", "from ui.cli import main; main()"]
COMMANDS = sorted(cli.commands)
DEFENSE = "003_e53a6ec5a1052dec.txt"


def run(*arguments, home=None):
    place = ["--home", str(home.path)] if home else []
    return CliRunner().invoke(cli, [*arguments, *place])


def process(*arguments, **environment):
    return subprocess.run(
        [*MAIN, *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def completed(words, home):
    """What the shell is told may stand for the last of some words."""
    asked = {"COMP_WORDS": shlex.join(words), "COMP_CWORD": str(len(words) - 1)}
    environment = asked | {"_READOUT_COMPLETE": "bash_complete", "READOUT_HOME": str(home.path)}
    told = CliRunner().invoke(cli, prog_name="readout", env=environment).stdout.split("\n")
    return {tuple(line.split(",", 1)) for line in told if line}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_for_the_shell_is_printed(shell):
    script = run("completion", shell).stdout
    assert f"_READOUT_COMPLETE={shell}_complete" in script
    assert json.loads(run("completion", shell, "--json").stdout) == {
        "shell": shell,
        "script": script.removesuffix("\n"),
    }
    assert run("completion", "tcsh").exit_code == 2


def test_bash_takes_the_script_and_completes_with_it(bundled_home, tmp_path):
    program = tmp_path / "readout"
    program.write_text(f'#!/bin/sh\ncd "{ROOT}" && exec {shlex.join(MAIN)} "$@"\n')
    program.chmod(0o755)
    tried = (
        f'PATH="{tmp_path}:$PATH"; eval "$(readout completion bash)"; complete -p readout;'
        " COMP_WORDS=(readout source 003); COMP_CWORD=2;"
        ' _readout_completion readout; echo "${COMPREPLY[@]}"'
    )
    environment = os.environ | {"READOUT_HOME": str(bundled_home.path)}
    shown = subprocess.run(
        ["bash", "-c", tried], env=environment, capture_output=True, text=True, check=True
    )
    assert shown.stderr == ""
    assert shown.stdout.splitlines() == [
        "complete -o nosort -F _readout_completion readout",
        DEFENSE,
    ]


def test_commands_documents_sources_and_files_are_completed(bundled_home, tmp_path):
    assert ("plain", "doctor") in completed(["readout", "do"], bundled_home)
    for command in ("source", "cite"):
        assert completed(["readout", command, "003"], bundled_home) == {("plain", DEFENSE)}
        assert len(completed(["readout", command, ""], bundled_home)) == 2
        assert completed(["readout", command, "x"], bundled_home) == set()
    assert completed(["readout", "remove", ""], bundled_home) == {("plain", "bundled")}
    assert completed(["readout", "add", "bun"], bundled_home) == {("plain", "bundled")}
    assert completed(["readout", "add", "re"], bundled_home) == {("file", "re")}
    empty = Home(tmp_path / "empty")
    assert completed(["readout", "source", ""], empty) == set()
    named = ["readout", "source", "--home", str(bundled_home.path), "003"]
    assert completed(named, empty) == {("plain", DEFENSE)}
    (bundled_home.path / "sources.json").write_text("no list")
    assert completed(["readout", "remove", ""], bundled_home) == set()


def test_documents_are_completed_by_how_they_begin_whatever_is_in_them(home_of):
    home = home_of({f"{name}.txt": f"About {name}." for name in ("100%", "100_", "1000", "10")})
    assert {name for _, name in completed(["readout", "source", "100"], home)} == {
        "100%.txt",
        "100_.txt",
        "1000.txt",
    }
    assert completed(["readout", "source", "100%"], home) == {("plain", "100%.txt")}


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_every_command_has_an_example_that_is_right(name, tmp_path, monkeypatch):
    command = cli.commands[name]
    text = inspect.cleandoc(command.help or "")
    [line] = [part for part in text.split("\n\n") if part.startswith("Example: ")]
    program, called, *arguments = shlex.split(line.removeprefix("Example: "))
    assert (program, called) == ("readout", name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("READOUT_HOME", str(tmp_path))
    for word in arguments:
        if re.fullmatch(r"\w+\.\w+", word):
            Path(word).touch()
    with cli.make_context("readout", [name]) as parent:
        command.make_context(name, arguments, parent)
    assert all(option.help for option in command.params if isinstance(option, click.Option))
    assert run(name, "-h").stdout == run(name, "--help").stdout != ""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_can_print_json_and_says_where_it_is_used_wrongly(name):
    command = cli.commands[name]
    for each in command.commands.values() if isinstance(command, click.Group) else [command]:
        assert "--json" in {word for option in each.params for word in option.opts}
    wrong = run(name, "--no-such-option")
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert "No such option '--no-such-option'" in wrong.stderr


def called(command, file):
    """A call of a command with something for all that it cannot do without."""
    for parameter in command.params:
        if parameter.required:
            place = isinstance(parameter.type, click.Path)
            kind = parameter.type.choices[0] if isinstance(parameter.type, click.Choice) else "1"
            flag = parameter.opts[:1] if isinstance(parameter, click.Option) else []
            yield from (*flag, str(file) if place else kind)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_home_that_cannot_be_used_is_told_by_every_command(name, tmp_path):
    command = cli.commands[name]
    if "home" not in {option.name for option in command.params}:
        return  # nothing of it is in a home
    (tmp_path / "readout.toml").write_text("no setting")
    (tmp_path / "file.json").write_text("{}")
    failed = run(name, *called(command, tmp_path / "file.json"), home=Home(tmp_path))
    assert failed.exit_code == 1
    if name == "doctor":  # which tells it as one thing among others
        assert "is not TOML" in failed.stdout
    else:
        assert isinstance(failed.exception, ReadoutError)
        assert "\n" not in str(failed.exception)


def test_a_process_ends_with_0_1_or_2(bundled_home, tmp_path):
    home = {"READOUT_HOME": str(bundled_home.path)}
    assert process("completion", "fish", **home).returncode == 0
    told = process("search", "x", READOUT_HOME=str(tmp_path / "empty"))
    assert told.returncode == 1
    assert re.fullmatch(r"readout: .*; run: readout rebuild\n", told.stderr)
    assert process("source", READOUT_HOME=str(tmp_path)).returncode == 2


def on_a_terminal(home, **environment):
    """What a command shows on a terminal, its commands to that included."""
    ours, theirs = pty.openpty()
    arguments = ["source", DEFENSE, "--start", "438", "--end", "440", "--home", str(home.path)]
    clean = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    with subprocess.Popen(
        [*MAIN, *arguments], cwd=ROOT, env=clean | environment, stdout=theirs, stderr=theirs
    ) as running:
        os.close(theirs)
        shown = b""
        try:
            while part := os.read(ours, 65536):
                shown += part
        except OSError:
            pass  # how Linux tells the end of a terminal
        os.close(ours)
    assert running.returncode == 0
    return shown


def test_colours_can_be_forbidden(bundled_home):
    plain = on_a_terminal(bundled_home, NO_COLOR="1")
    assert b"\x1b" not in plain
    coloured = on_a_terminal(bundled_home, NO_COLOR="")
    assert b"\x1b[7m" in coloured
    assert re.sub(rb"\x1b\[[0-9;]*m", b"", coloured) == plain
