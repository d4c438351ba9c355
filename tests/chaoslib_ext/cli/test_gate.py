"""`chaos gate`: one exit code for each verdict, and none of them green but held."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from chaoslib_ext.cli.gate import CODES, gate
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


def test_last_is_the_newest() -> None:
    recorded(Verdict.VOID)
    assert gated("last")[0] == 4


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
