"""`chaos gate`: one exit code for each verdict, and none of them green but held."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from chaoslib_ext.cli.gate import CODES, gate
from chaoslib_ext.folders import runs_dir
from chaoslib_ext.model import Verdict
from chaoslib_ext.record.rebuild import rebuild
from chaoslib_ext.record.record import Record


def recorded(verdict: Verdict, **more: Any) -> Path:
    """A sealed record that came to this."""
    record = Record.create("Does it hold?")
    record.append("run.started", {"journal": {"start": "2026-11-22T03:10:00+00:00"}})
    status = "completed" if verdict is Verdict.HELD else "failed"
    record.finish({"verdict": str(verdict), "reasons": ["because"], "status": status, "deviated": False, **more})
    rebuild(record.folder)
    record.seal()
    record.close()
    return record.folder


def gated(*args: str) -> tuple[int, str]:
    result = CliRunner().invoke(gate, args)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def hosts(**more: Any) -> dict[str, Any]:
    probe = {"activity": {"name": "p", "type": "probe", "tolerance": 1}, "status": "succeeded", "output": 1}
    state = {"steady_state_met": True, "probes": [{**probe, "tolerance_met": True}]}
    return {
        "experiment": {"title": "Theirs"},
        "status": "completed",
        "deviated": False,
        "run": [{"activity": {"name": "a", "type": "action"}, "status": "succeeded"}],
        "rollbacks": [],
        "steady_states": {"before": state, "after": state, "during": []},
        **more,
    }


def test_each_verdict_has_its_own_code_and_only_held_is_green() -> None:
    assert sorted(CODES.values()) == [0, 1, 4, 5, 6, 7, 8, 9] and set(CODES) == set(Verdict)
    for verdict, code in CODES.items():
        assert gated(recorded(verdict).name.rsplit("-", 1)[-1])[0] == code
    assert CODES[Verdict.HELD] == 0


def test_a_refused_run_is_not_an_error_of_the_system() -> None:
    code, said = gated(str(recorded(Verdict.ERROR, refused=True)))
    assert code == 3 and said.startswith("REFUSED")


def test_a_changed_record_is_not_believed() -> None:
    folder = recorded(Verdict.DEVIATED)
    events = folder / "events.jsonl"
    events.write_text(events.read_text().replace("deviated", "held"))
    code, said = gated(str(folder))
    assert code == 3 and "broken" in said
    assert gated(str(folder / "journal.json"))[0] == 3


def test_last_is_the_run_begun_last_whatever_its_time_says() -> None:
    recorded(Verdict.HELD).rename(runs_dir() / "20990101T000000Z-does-it-hold-aaaa")
    recorded(Verdict.VOID)
    assert gated("last")[0] == 4


def test_a_record_copied_into_another_runs_folder_is_not_believed() -> None:
    folder = recorded(Verdict.HELD)
    copy = Path(shutil.copytree(folder, folder.parent / "20990101T000000Z-does-it-hold-ffff"))
    for place in (str(copy), "ffff", str(copy / "journal.json")):
        code, said = gated(place)
        assert code == 3 and "it is the record of " in said, place


EMPTY = {"title": "Fine", "description": "nothing", "method": []}


@pytest.mark.parametrize(
    "content", [None, "{", '["a"]', '{"title": "x"}', '{"title": "x", "description": "y", "method": [{}]}']
)
def test_a_run_that_never_began_is_the_last_one_and_not_green(
    chaos: Callable[..., Any], tmp_path: Path, content: str | None
) -> None:
    """No such file, no JSON, no experiment: `chaos run` ends before it has a record."""
    home = {"HOME": str(tmp_path)}
    (tmp_path / "fine.json").write_text(json.dumps(EMPTY))
    if content:
        (tmp_path / "bad.json").write_text(content)
    assert chaos("enable", **home).returncode == 0
    assert chaos("run", "fine.json", **home).returncode == 0 == chaos("gate", "last", **home).returncode
    assert chaos("run", "bad.json", **home).returncode == 1
    done = chaos("gate", "last", **home)
    assert done.returncode == 3 and done.stdout.startswith("NOT BEGUN  bad.json\n"), done.stdout
    for other in (("show", "last"), ("verify", "last"), ("report", "last")):
        said = chaos("journal", *other, **home)
        assert said.returncode == 2 and "the last run, of bad.json, never began" in said.stderr
    listed = chaos("journal", "list", **home)
    assert "Fine" in listed.stdout and "the last run, of bad.json, never began" in listed.stderr
    assert chaos("run", "fine.json", **home).returncode == 0 == chaos("gate", "last", **home).returncode


def test_a_run_whose_journal_folder_cannot_be_written_never_began(chaos: Callable[..., Any], tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path)}
    (tmp_path / "fine.json").write_text(json.dumps(EMPTY))
    assert chaos("enable", **home).returncode == 0 == chaos("run", "fine.json", **home).returncode
    runs = tmp_path / "journal" / "runs"
    runs.rename(tmp_path / "kept")
    runs.write_text("no folder")
    assert chaos("run", "fine.json", **home).returncode == 1
    runs.unlink()
    (tmp_path / "kept").rename(runs)
    assert chaos("gate", "last", **home).returncode == 3


def test_the_example_in_its_help_keeps_the_code_of_the_run(chaos: Callable[..., Any], tmp_path: Path) -> None:
    (line,) = (line.strip() for line in chaos("gate", "--help").stdout.splitlines() if "chaos run exp" in line)
    for ran, gate_says, code in ((0, 0, 0), (1, 0, 1), (0, 4, 4), (1, 4, 4), (139, 0, 139)):
        script = f"chaos() {{ if [ $1 = run ]; then return {ran}; else return {gate_says}; fi; }}\n{line}"
        for shell in (["sh", "-c"], ["bash", "-ec"]):
            assert subprocess.run([*shell, script], cwd=tmp_path).returncode == code, (ran, gate_says, shell)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({}, 0),
        ({"deviated": True}, 1),
        ({"status": "interrupted"}, 5),
        ({"status": "failed"}, 7),
        ({"rollbacks": [{"activity": {"name": "r", "type": "action"}, "status": "failed"}]}, 6),
        ({"run": [{"activity": {"name": "a", "type": "action"}, "status": "failed"}]}, 7),
        ({"run": [{"activity": {"name": "a", "type": "action"}}]}, 7),
        ({"experiment": {"title": "t", "dry": "actions"}}, 4),
    ],
)
def test_a_journal_of_the_host_alone_is_judged_by_the_same_table(tmp_path: Path, more: Any, code: int) -> None:
    file = tmp_path / "theirs.json"
    file.write_text(json.dumps(hosts(**more)))
    assert gated(str(file))[0] == code


def test_a_word_of_ours_cannot_make_a_red_journal_green(tmp_path: Path) -> None:
    file = tmp_path / "theirs.json"
    ours = {"name": "chaostoolkit-ext", "verdict": "held", "reasons": []}
    file.write_text(json.dumps(hosts(deviated=True, extensions=[ours])))
    assert gated(str(file))[0] == 1
    file.write_text(json.dumps(hosts(extensions=[{**ours, "verdict": "aborted", "reasons": ["a guard"]}])))
    assert gated(str(file))[0] == 5


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "3",
        "null",
        '{"a": 1}',
        "\x00",
        '{"experiment": {}, "status": "completed", "run": [3], "steady_states": {}}',
    ],
)
def test_what_is_no_journal_is_invalid_and_never_a_traceback(tmp_path: Path, content: str) -> None:
    file = tmp_path / "odd.json"
    file.write_text(content)
    code, said = gated(str(file), "--json")
    assert code == 3 and json.loads(said)["verdict"] is None


def test_what_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    for wrong in ("nosuchrun", str(tmp_path), str(tmp_path / "no.json")):
        code, said = gated(wrong)
        assert code == 2 and said.startswith("Error: ")
