"""`chaos journal`: list, show, verify, report, as a person types them."""

import json
import os
import platform
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from chaoslib_ext.cli.journal import journal
from chaoslib_ext.clock import FakeClock, boot_id
from chaoslib_ext.record.rebuild import rebuild
from chaoslib_ext.record.record import EVENTS, Record
from chaoslib_ext.undo.owner import started_at

pytestmark = pytest.mark.joins("cli", "record", "reports")


def run(*args: str) -> Any:
    return CliRunner().invoke(journal, list(args))


@pytest.fixture
def kept() -> dict[str, Path]:
    """Three records: one sealed and held, one that goes on, one tampered with."""
    clock, folders = FakeClock(), {}
    for run_id, title in (("aa11", "Does it hold?"), ("aa22", "Does it go on?"), ("bb33", "Is it whole?")):
        record = Record.create(title, run_id, clock=clock)
        experiment = {"title": title, "method": []}
        journal_begun = {"experiment": experiment, "start": clock.wall().isoformat(), "node": "n", "platform": "p"}
        record.append("run.started", {"who": "sre-1", "host": "n", "versions": {}, "journal": journal_begun})
        clock.move(60)
        if run_id != "aa22":
            finished = {"verdict": "held", "reasons": ["x"], "status": "completed", "deviated": False, "duration": 60}
            record.append("run.finished", {**finished, "end": clock.wall().isoformat()})
            rebuild(record.folder)
            record.seal()
        folders[run_id] = record.folder
    events = folders["bb33"] / EVENTS
    events.write_bytes(events.read_bytes().replace(b"sre-1", b"sre-2"))
    return folders


def test_list_is_newest_first_with_all_one_needs(kept: dict[str, Path]) -> None:
    rows = [line.split("\t") for line in run("list").output.splitlines()]
    assert rows[0] == ["ID", "VERDICT", "WHEN", "FAULTS", "RECORD", "TITLE"]
    assert [(row[0], row[1], row[4], row[5]) for row in rows[1:]] == [
        ("bb33", "-", "broken", "Is it whole?"),
        ("aa22", "-", "open", "Does it go on?"),
        ("aa11", "HELD", "ok", "Does it hold?"),
    ]
    assert all(row[2].startswith("2026-11-22") and len(row[2].split()) == 3 for row in rows[1:]), "a time has its zone"
    assert [one["id"] for one in json.loads(run("list", "-n", "1", "--json").output)] == ["bb33"]


def test_list_with_nothing_says_what_to_do() -> None:
    assert "chaos enable" in run("list").output and json.loads(run("list", "--json").output) == []


def test_show_takes_the_beginning_of_an_id(kept: dict[str, Path]) -> None:
    shown = run("show", "bb")
    assert shown.exit_code == 0 and "Is it whole?" in shown.output and "broken" in shown.output
    assert "NOT FINISHED" in run("show", "aa22").output
    assert json.loads(run("show", "aa11", "--json").output)["verdict"] == "held"
    assert run("show", "last").output == shown.output
    assert "sre-1" in run("show", "aa11", "--events").output


def test_a_record_that_is_broken_shows_no_verdict(kept: dict[str, Path]) -> None:
    """Changed, or copied into the folder of another run: in no form of it stands the verdict that its events claim."""
    copy = shutil.copytree(kept["aa11"], kept["aa11"].parent / "20990101T000000Z-another-cc44")
    for id in ("bb33", copy.name[-4:]):
        assert {one["id"]: one["verdict"] for one in json.loads(run("list", "--json").output)}[id] is None
        for words in (["show", id], ["report", id], ["report", id, "--as", "text"], ["list"]):
            lines = [line for line in run(*words).output.splitlines() if words == ["list"] or "aa11" not in line]
            told = [line for line in lines if words != ["list"] or line.startswith(id)]
            assert told and "HELD" not in "".join(told) and "BROKEN" in "".join(told).upper(), words
        for words in (["show", id, "--json"], ["report", id, "--as", "json"]):
            assert json.loads(run(*words).output)["verdict"] is None


@pytest.mark.parametrize(
    ("wanted", "says"),
    [("aa", "2 records begin with 'aa': aa22, aa11"), ("zz", "(known: aa11, aa22, bb33)"), ("", "3")],
)
def test_an_id_that_does_not_fit_names_those_that_do(kept: dict[str, Path], wanted: str, says: str) -> None:
    shown = run("show", wanted)
    assert shown.exit_code == 2 and says in shown.output


@pytest.mark.parametrize(("wanted", "code"), [(["aa11"], 0), (["aa22"], 1), (["bb33"], 3), ([], 3), (["--all"], 3)])
def test_verify_has_an_exit_code_for_each_state(kept: dict[str, Path], wanted: list[str], code: int) -> None:
    assert run("verify", *wanted).exit_code == code
    assert len(json.loads(run("verify", *wanted, "--json").output)) == (1 if wanted and wanted != ["--all"] else 3)


def test_verify_names_line_and_reason(kept: dict[str, Path]) -> None:
    assert "broken at line 2" in run("verify", "bb33").output
    assert "was changed" in run("verify", "bb33").output


def test_report_is_written_where_it_is_wanted(kept: dict[str, Path], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert run("report", "aa11", "-o", str(page)).exit_code == 0
    assert page.read_text().startswith("<!doctype html>")
    assert json.loads(run("report", "aa11", "--as", "json").output)["id"] == "aa11"
    assert "HELD" in run("report", "aa11", "--as", "text").output
    assert "HELD" in run("report", "aa11", "--as", "text", "-o", "-").output
    told = run("report", "aa11", "-o", str(tmp_path / "no/such/folder.html"))
    assert told.exit_code == 1 and "No such file or directory; name another file with -o" in told.output
    assert "CHAOS_JOURNAL_DIR" not in told.output and "the record" not in told.output


@pytest.mark.parametrize(
    ("name", "form", "code"),
    [
        ("x.pdf", None, 2),
        ("x.pdf", "html", 2),
        ("x.html", "json", 2),
        ("x", None, 0),
        ("x.HTM", None, 0),
        ("x.md", "text", 0),
        ("x.json", None, 0),
    ],
)
def test_a_name_that_promises_something_else_is_refused(
    kept: dict[str, Path], tmp_path: Path, name: str, form: str | None, code: int
) -> None:
    told = run("report", "aa11", "-o", str(tmp_path / name), *(["--as", form] if form else []))
    assert told.exit_code == code and (tmp_path / name).exists() is (code == 0)
    assert code == 0 or "end the name in one of ." in told.output


def test_a_journal_that_is_no_folder_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("CHAOS_JOURNAL_DIR", str(tmp_path / "file"))
    for command in (["list"], ["show", "last"], ["verify"]):
        told = run(*command)
        assert told.exit_code == 2 and "is not a folder; set CHAOS_JOURNAL_DIR" in told.output


def applied(**owner: Any) -> str:
    """A record that ends with a fault that was applied and confirmed; its id."""
    record = Record.create("Does it die?", "dd44")
    started = {"journal": {"experiment": {"title": "Does it die?", "method": []}}, "host": platform.node(), **owner}
    record.append("run.started", started)
    target = {"server": "http://127.0.0.1:1", "proxy": "web", "listen": "127.0.0.1:2", "upstream": "127.0.0.1:3"}
    says = "latency 400 ms, downstream on web (way back: remove toxic x)"
    record.append("fault.applied", {"undo": 1, "fault": "latency", "target": target, "says": says})
    return "dd44"


def test_a_fault_that_was_not_measured_has_a_mark() -> None:
    applied()
    assert "\tlatency?\t" in run("list").output
    (told,) = json.loads(run("list", "--json").output)
    assert (told["faults"], told["measured"], told["unmeasured"]) == (["latency"], False, ["latency"])
    assert " fault      ? latency on web: applied, not measured" in run("show", "dd44").output
    assert json.loads(run("show", "dd44", "--json").output)["measured"] is False
    assert "latency 400 ms, downstream on web (way back: remove toxic x)" in run("show", "dd44", "--events").output


def test_an_open_record_knows_whether_its_process_lives() -> None:
    this = {"pid": os.getpid(), "create_time": started_at(os.getpid()), "boot_id": boot_id()}
    applied(**this)
    assert "It goes on, or its process died" in run("show", "dd44").output


def test_an_open_record_of_a_dead_process_says_how_to_go_on() -> None:
    applied(pid=os.getpid(), create_time=0.5, boot_id=boot_id())
    told = run("show", "dd44").output
    assert "Its process is dead; its faults may still be in." in told and "chaos undo --run dd44" in told


def test_the_shell_completes_ids(kept: dict[str, Path]) -> None:
    env = {**os.environ, "_JOURNAL_COMPLETE": "bash_complete", "COMP_WORDS": "journal show a", "COMP_CWORD": "2"}
    offered = CliRunner().invoke(journal, prog_name="journal", env=env).output
    assert "aa11" in offered and "aa22" in offered and "bb33" not in offered


def test_a_record_that_cannot_be_read_is_listed_all_the_same(kept: dict[str, Path]) -> None:
    (kept["bb33"] / EVENTS).write_text('{"schema_version": 1}\n')
    rows = json.loads(run("list", "--json").output)
    assert (rows[0]["id"], rows[0]["state"]) == ("bb33", "broken") and rows[0]["problem"]
    shown = run("show", "bb33")
    assert shown.exit_code == 1 and "Traceback" not in shown.output


def test_events_that_do_not_fit_together_are_no_defect_and_hide_nothing(kept: dict[str, Path]) -> None:
    Record.open(kept["aa22"]).append("activity.completed", {"n": 1})
    shown = run("show", "aa22")
    assert shown.exit_code == 1 and "do not fit together" in shown.output
    assert [row["id"] for row in json.loads(run("list", "--json").output)] == ["bb33", "aa22", "aa11"]
    assert len(json.loads(run("verify", "--json").output)) == 3


@pytest.mark.parametrize("command", [["list"], ["show", "last"], ["show", "last", "--events"]])
def test_a_pipe_that_knows_no_check_mark_ends_nothing(chaos: Any, command: list[str]) -> None:
    Record.create("One \u2713\nTwo")
    shown = chaos("journal", *command, PYTHONIOENCODING="latin-1")
    assert shown.returncode == 0 and "One ? Two" in shown.stdout, shown.stderr


def test_whoever_looks_closes_the_record_of_a_dead_process(kept: dict[str, Path]) -> None:
    owner = {"pid": 1, "create_time": 0.0, "boot_id": "another boot", "host": platform.node()}
    folder = Record.create("x", "cc44", owner=owner).folder
    assert run("verify", "cc44").exit_code == 0
    assert (folder / "journal.json").exists()
