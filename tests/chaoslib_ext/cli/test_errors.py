"""How a command ends: one line and an exit code; a defect keeps its traceback in a file."""

import os
import pty
import resource
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from chaoslib_ext.cli._errors import ExtCommand, ExtGroup
from chaoslib_ext.errors import NoServer, ProxyExists, ProxyNotFound, RecordNotFound, ToxicNotFound, UnknownTarget


def ran(error: BaseException | None, **env: str) -> Result:
    """What a command does that raises `error`, below a group."""

    @click.group(cls=ExtGroup)
    def tool() -> None: ...

    @tool.command()
    def work() -> None:
        if error:
            raise error

    return CliRunner().invoke(tool, ["work"], env=env)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (None, 0),
        (NoServer("none answers"), 1),
        (ProxyExists("web exists"), 1),
        (UnknownTarget("no proxy x"), 2),
        (ProxyNotFound("no proxy x"), 2),
        (ToxicNotFound("no toxic x"), 2),
        (RecordNotFound("no record x"), 2),
        (KeyboardInterrupt(), 130),
    ],
)
def test_each_kind_of_end_has_its_code(error: BaseException | None, code: int) -> None:
    result = ran(error)
    assert result.exit_code == code
    assert "Traceback" not in result.output


def test_our_errors_are_one_line_on_stderr() -> None:
    result = ran(NoServer("none answers; start one"))
    assert result.stderr == "Error: none answers; start one\n"
    assert result.stdout == ""


def test_a_defect_is_one_line_and_its_traceback_a_file(own_folders: Path) -> None:
    result = ran(ZeroDivisionError("division by zero"))
    assert result.exit_code == 70
    assert "this is a defect in chaostoolkit-ext" in result.stderr
    assert "Traceback" not in result.output
    (kept,) = (own_folders / "state" / "defects").iterdir()
    assert str(kept) in result.stderr
    assert "ZeroDivisionError: division by zero" in kept.read_text()


def test_a_defect_shows_its_traceback_when_asked() -> None:
    assert "Traceback" in ran(ZeroDivisionError(), CHAOS_DEBUG="1").stderr


def test_usage_errors_stay_those_of_the_host() -> None:
    @click.command(cls=ExtCommand)
    @click.argument("name")
    def work(name: str) -> None: ...

    result = CliRunner().invoke(work, [])
    assert result.exit_code == 2
    assert "Missing argument 'NAME'" in result.stderr


def test_a_bad_option_found_by_our_own_check_is_told_the_same_way() -> None:
    def check(ctx: click.Context, param: click.Parameter, value: str) -> str:
        raise UnknownTarget(f"no proxy {value}")

    @click.command(cls=ExtCommand)
    @click.option("--proxy", callback=check)
    def work(proxy: str) -> None: ...

    result = CliRunner().invoke(work, ["--proxy", "x"])
    assert (result.exit_code, result.stderr) == (2, "Error: no proxy x\n")


SCREAM = """
import click
from chaoslib_ext.cli._errors import ExtCommand, say_error
@click.command(cls=ExtCommand)
@click.option("--error", is_flag=True)
def work(error):
    if error:
        say_error("red?")
    else:
        for _ in range(100_000): click.echo("x" * 80)
work()
"""


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = f"'{sys.executable}' -c '{SCREAM}' | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert done.stderr == ""


def no_room() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def test_an_output_that_cannot_be_written_is_no_defect(own_folders: Path, tmp_path: Path) -> None:
    with (tmp_path / "out.txt").open("w") as out:
        done = subprocess.run(
            [sys.executable, "-c", SCREAM], stdout=out, stderr=subprocess.PIPE, text=True, preexec_fn=no_room
        )
    assert (done.returncode, done.stderr) == (1, "Error: cannot write the output: File too large\n")
    assert not (own_folders / "state" / "defects").exists()


def test_an_error_of_the_system_that_is_not_our_outputs_stays_a_defect() -> None:
    assert ran(OSError(28, "No space left on device")).exit_code == 70


@pytest.mark.parametrize(("env", "coloured"), [({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True)])
def test_colour_only_where_it_is_wanted(env: dict[str, str], coloured: bool) -> None:
    """On a terminal, that is."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", SCREAM, "--error"]
    subprocess.run(command, stderr=theirs, env={**os.environ, "TERM": "xterm", **env}, check=True)
    os.close(theirs)
    assert (b"\x1b[" in os.read(ours, 1000)) is coloured
    os.close(ours)


@pytest.mark.parametrize("name", [b"\xc3\xbc\xe2\x9c\x93", b"b\xff\xfe"], ids=["no ASCII", "no text"])
@pytest.mark.parametrize(
    "encoding", [{"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"LC_ALL": "C.UTF-8"}]
)
def test_a_path_that_the_locale_cannot_encode_is_no_defect(
    tmp_path: Path, embedded: str, name: bytes, encoding: dict[str, str]
) -> None:
    """Wherever it stands: the home, the folders, what is written, and the name of a proxy."""
    from chaoslib_ext.record.record import Record

    Record.create("Ü ✓").finish({"verdict": "held", "reasons": []})
    place = os.fsencode(tmp_path) + b"/" + name
    os.mkdir(place)
    os.rename(tmp_path / "journal", place + b"/journal")
    folders = {"HOME": place, "CHAOS_STATE_DIR": place + b"/state", "CHAOS_JOURNAL_DIR": place + b"/journal"}
    env = {**os.environ, **encoding, **{key: os.fsdecode(path) for key, path in folders.items()}}
    commands: list[list[bytes]] = [
        [b"doctor", b"--only-look"],
        [b"enable"],
        [b"enable", b"--check"],
        [b"journal", b"list"],
        [b"journal", b"report", b"last", b"-o", name + b".html"],
        [b"journal", b"report", b"last", b"-o", name + b".json"],
        [b"journal", b"show", name],
        [b"gate", name + b".json"],
        [b"proxy", b"delete", b"--url", embedded.encode(), name],
    ]
    for command in commands:
        done = subprocess.run(
            [os.fsencode(Path(sys.executable).with_name("chaos")), b"--no-version-check", b"--no-log-file", *command],
            cwd=place,
            env=env,
            capture_output=True,
        )
        assert done.returncode in (0, 1, 2, 3) and b"Traceback" not in done.stderr, (command, done.stderr)
        assert b"defect" not in done.stderr, (command, done.stderr)
