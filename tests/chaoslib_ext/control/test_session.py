"""Runs that end by themselves: recorded, judged, and never green when they are not held."""

import subprocess
import sys
from typing import Any

import pytest

from chaoslib_ext.control.session import Session
from chaoslib_ext.model import Verdict
from chaoslib_ext.record.read import events, verify
from chaoslib_ext.record.record import Record


@pytest.fixture
def steady(make: Any, chaos: Any) -> list[dict[str, Any]]:
    (chaos.place / "state.txt").write_text("well")
    return [make.probe("from_file", "well", "state", path=str(chaos.place / "state.txt"))]


@pytest.mark.parametrize("how", ["file", "settings", "experiment"])
def test_a_run_that_holds_is_recorded_however_the_control_came(chaos: Any, make: Any, steady: Any, how: str) -> None:
    controls = [{"name": "c", "provider": {"type": "python", "module": "chaoslib_ext.control"}}]
    more = {"controls": controls} if how == "experiment" else {}
    done = chaos.run(chaos.experiment([make.activity("value", of=1)], probes=steady, **more), how=how)
    assert done.code == 0, done.err
    assert done.story.verdict is Verdict.HELD and done.story.state == "ok"
    assert done.kept == {**done.journal, "extensions": done.kept["extensions"]}
    assert done.story.about["source"] == str(chaos.place / "experiment.json")


def test_the_control_declared_everywhere_listens_once(chaos: Any, make: Any, steady: Any) -> None:
    controls = [{"name": "c", "provider": {"type": "python", "module": "chaoslib_ext.control"}}]
    experiment = chaos.experiment([make.activity("value", of=1)], probes=steady, controls=controls)
    options = ("--control-file", str(chaos._control_file()))
    done = chaos.run(experiment, *options, how="settings")
    assert done.code == 0
    assert done.kinds.count("run.started") == 1 and done.kinds.count("activity.started") == 3


def test_an_experiment_with_controls_of_its_own_loses_no_event(chaos: Any, make: Any, steady: Any) -> None:
    """[14]"""
    controls = [{"name": "other", "provider": {"type": "python", "module": "acts"}}]
    done = chaos.run(chaos.experiment([make.activity("value", of=1)], probes=steady, controls=controls))
    assert {"method.started", "method.completed", "rollbacks.started", "run.finished"} <= set(done.kinds)


def test_every_value_is_in_the_record_with_its_tolerance(chaos: Any, make: Any, steady: Any) -> None:
    done = chaos.run(chaos.experiment([make.activity("value", of={"a": [1]})], probes=steady))
    before, after = done.story.phase("before"), done.story.phase("after")
    assert [(sample.value, sample.met) for phase in (before, after) for sample in phase.samples] == [("well", True)] * 2
    assert [(step.name, step.output) for step in done.story.steps] == [("value", {"a": [1]})]


def test_a_deviation_is_red(chaos: Any, make: Any, steady: Any) -> None:
    break_it = make.activity("note", path=str(chaos.place / "state.txt"), says="broken")
    done = chaos.run(chaos.experiment([break_it], probes=steady))
    assert done.code == 1 and done.journal["deviated"] is True and done.journal["status"] == "completed"
    assert done.story.verdict is Verdict.DEVIATED
    assert "DEVIATED  Does it hold?" in done.out


def test_not_steady_before_is_red_and_nothing_is_done(chaos: Any, make: Any) -> None:
    """[11]"""
    probes = [make.probe("value", 1, of=2)]
    done = chaos.run(chaos.experiment([make.activity("note", path="done")], probes=probes))
    assert done.code == 1 and not (chaos.place / "done").exists()
    assert done.story.verdict is Verdict.INCONCLUSIVE


def test_a_failed_action_is_red(chaos: Any, make: Any, steady: Any) -> None:
    """[12]"""
    done = chaos.run(chaos.experiment([make.activity("fail")], probes=steady))
    assert done.code == 1 and done.story.verdict is Verdict.ERROR
    assert 'the action "fail" failed: ValueError: no luck' in done.out


def test_a_failed_rollback_is_red(chaos: Any, make: Any, steady: Any) -> None:
    """[12]"""
    done = chaos.run(chaos.experiment([make.activity("value", of=1)], probes=steady, rollbacks=[make.activity("fail")]))
    assert done.code == 1 and done.story.verdict is Verdict.UNDO_FAILED


def test_a_dip_during_the_method_is_red(chaos: Any, make: Any, steady: Any) -> None:
    """[10]"""
    state = str(chaos.place / "state.txt")
    heal = {**make.activity("fail"), "name": "heal"}
    heal["provider"] = {"type": "process", "path": "sh", "arguments": ["-c", f"printf well > {state}"]}
    method = [
        make.activity("note", path=state, says="broken"),
        make.activity("nap", path="napped", seconds=1.5),
        heal,
        make.activity("nap", path="napped", seconds=0.5),
    ]
    options = ("--hypothesis-strategy", "continuously", "--hypothesis-frequency", "0.3")
    done = chaos.run(chaos.experiment(method, probes=steady), *options)
    assert done.code == 1 and done.story.verdict is Verdict.DEVIATED
    assert len(done.journal["steady_states"]["during"]) > 2
    assert done.kept["steady_states"] == done.journal["steady_states"]


@pytest.mark.parametrize("strategy", ["before-method-only", "after-method-only", "during-method-only"])
def test_every_strategy_of_the_host_can_hold(chaos: Any, make: Any, steady: Any, strategy: str) -> None:
    method = [make.activity("nap", path="napped", seconds=0.3)]
    done = chaos.run(chaos.experiment(method, probes=steady), "--hypothesis-strategy", strategy)
    assert (done.code, done.story.verdict) == (0, Verdict.HELD), done.out


def test_no_hypothesis_holds_and_says_that_nothing_was_asked(chaos: Any, make: Any) -> None:
    done = chaos.run(chaos.experiment([make.activity("value", of=1)]))
    assert done.code == 0 and "no steady-state hypothesis" in done.story.reasons[0]


def test_a_rehearsal_is_void_but_keeps_the_hosts_exit_code(chaos: Any, make: Any, steady: Any) -> None:
    done = chaos.run(chaos.experiment([make.activity("note", path="done")], probes=steady), "--dry", "actions")
    assert done.code == 0 and done.story.verdict is Verdict.VOID and not (chaos.place / "done").exists()


def test_what_is_not_json_breaks_neither_journal(chaos: Any, make: Any, steady: Any) -> None:
    """[4]"""
    done = chaos.run(chaos.experiment([make.activity("odd")], probes=steady))
    assert done.code == 0
    output = done.journal["run"][0]["output"]
    assert output["set"] == [1, 2] and output["nan"] == "NaN" and output["3"] == "three"
    assert done.kept["run"] == done.journal["run"]


def test_a_set_still_meets_the_tolerance_it_meets_without_us(chaos: Any, make: Any) -> None:
    tolerance = {"type": "probe", "name": "same", "provider": {"type": "python", "module": "judge", "func": "is_set"}}
    tolerance["provider"]["arguments"] = {}
    (chaos.place / "judge.py").write_text("def is_set(value=None):\n    return isinstance(value['set'], set)\n")
    done = chaos.run(chaos.experiment([make.activity("value", of=1)], probes=[make.probe("odd", tolerance)]))
    assert done.code == 0, done.out


def test_background_activities_are_told_apart(chaos: Any, make: Any, steady: Any) -> None:
    slow = {**make.activity("nap", "slow", path="napped", seconds=0.6), "background": True}
    done = chaos.run(chaos.experiment([slow, make.activity("value", "quick", of=2)], probes=steady))
    assert {step.name: step.output for step in done.story.steps} == {"slow": "slept", "quick": 2}
    assert {run["start"]: run for run in done.kept["run"]} == {run["start"]: run for run in done.journal["run"]}


def test_a_crash_of_the_host_leaves_both_journals_and_no_traceback(chaos: Any, make: Any) -> None:
    """[2]"""
    tolerance = {"type": "range", "range": [1, 2]}
    (chaos.place / "state.txt").write_text("1")
    probes = [make.probe("number", tolerance, path=str(chaos.place / "state.txt"))]
    source = (
        "from pathlib import Path\n"
        "def number(path):\n    t = Path(path).read_text()\n    return int(t) if len(t) == 1 else None\n"
    )
    (chaos.place / "acts2.py").write_text(source)
    probes[0]["provider"]["module"] = "acts2"
    method = [make.activity("note", path=str(chaos.place / "state.txt"), says="x")]
    done = chaos.run(chaos.experiment(method, probes=probes))
    assert done.code == 1 and "Traceback" not in done.err
    assert "Chaos Toolkit itself failed" in done.err
    assert done.story.verdict is Verdict.ERROR and verify(done.folder).state == "ok"
    assert done.journal["status"] == "failed" and done.journal["end"]
    assert done.kept["steady_states"]["after"]["steady_state_met"] is None


def test_secrets_are_in_no_output_of_ours(chaos: Any, make: Any, steady: Any) -> None:
    chaos.env["THE_LOGIN"] = "correct-horse"
    leak = make.activity("leak")
    leak["provider"]["secrets"] = ["db"]
    config = {
        "dynamic": {"type": "probe", "name": "d", "provider": {"type": "python", "module": "acts", "func": "value"}}
    }
    config["dynamic"]["provider"]["arguments"] = {"of": "x"}
    secrets = {"db": {"login": {"type": "env", "key": "THE_LOGIN"}, "inline": "battery-staple"}}
    done = chaos.run(chaos.experiment([leak], probes=steady, secrets=secrets, configuration=config))
    assert done.code == 0, done.err
    written = [*done.folder.iterdir(), chaos.place / "journal.json"]
    for text in [*(path.read_text() for path in written), done.out]:
        assert "correct-horse" not in text and "battery-staple" not in text
    assert done.journal["run"][0]["output"] == {"said": "the login is [redacted]"}


def test_the_record_says_who_where_and_with_what(chaos: Any, make: Any, steady: Any) -> None:
    done = chaos.run(chaos.experiment([make.activity("value", of=1)], probes=steady))
    about = done.story.about
    assert about["who"] and about["host"] and about["versions"]["chaostoolkit-lib"]
    assert len(about["experiment_sha256"]) == len(about["source_sha256"]) == 64
    assert done.kinds[0] == "record.opened" and done.kinds[-1] == "record.sealed"
    assert all(event["time"].endswith("+00:00") for event in events(done.folder))


def test_without_our_control_the_host_is_as_ever(chaos: Any, make: Any) -> None:
    done = chaos.run(chaos.experiment([make.activity("fail")]), how="none")
    assert done.code == 0 and not (chaos.place / "journal").exists()


def test_a_terminal_that_goes_away_does_not_stop_a_run(chaos: Any, make: Any, steady: Any) -> None:
    child = chaos.start(chaos.experiment([make.activity("value", of=1)], probes=steady))
    child.stdout.close()
    child.stdout = None
    done = chaos.end(child)
    assert done.story.verdict is Verdict.HELD and done.story.state == "ok"


def test_a_forked_child_of_an_activity_writes_nothing_into_the_record(chaos: Any, make: Any, steady: Any) -> None:
    source = "import os, sys\ndef fork():\n    if not (child := os.fork()):\n        sys.exit(0)\n"
    (chaos.place / "forks.py").write_text(f"{source}    return os.waitpid(child, 0)[1]\n")
    forks = make.activity("fork")
    forks["provider"]["module"] = "forks"
    done = chaos.run(chaos.experiment([forks], probes=steady))
    assert done.code == 0, done.err
    assert [done.kinds.count(kind) for kind in ("run.finished", "record.sealed", "signal")] == [1, 1, 0]
    assert done.kinds.count("activity.completed") == 3 and done.story.state == "ok"


def test_what_a_thread_says_after_the_end_changes_nothing(own_folders: Any) -> None:
    session = Session()
    session.record = Record.create("x")
    session.finish({"status": "completed"})
    sealed = events(session.record.folder)
    session.note("activity.completed", {"n": 1})
    assert session.broken is None and events(session.record.folder) == sealed
    assert verify(session.record.folder).state == "ok"


def test_killed_before_its_first_look_the_record_is_closed_all_the_same(own_folders: Any, until: Any) -> None:
    code = """
import os
from chaoslib_ext.control import preflight
from chaoslib_ext.control.session import Session
preflight.problems = lambda *any: os.kill(os.getpid(), 9)
names = ("chaoslib-version", "platform", "node", "experiment", "start")
Session().begin({"title": "x", "method": []}, dict.fromkeys(names, ""), {}, {}, {})
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    (folder,) = (own_folders / "journal/runs").iterdir()
    until(lambda: verify(folder).state == "ok", "the watchdog closes it")
    assert [event["kind"] for event in events(folder)][-2:] == ["run.died", "record.sealed"]


def test_a_refused_run_leaves_no_undo_log(chaos: Any, make: Any) -> None:
    bad = make.activity("value", of=1)
    bad["provider"] |= {
        "module": "actions.toxics",
        "func": "add_latency",
        "arguments": {"proxy": "no", "latency_ms": 1},
    }
    chaos.env["TOXIPROXY_URL"] = "http://127.0.0.1:9"
    done = chaos.run(chaos.experiment([bad]))
    assert done.code == 1 and "run.refused" in done.kinds and done.story.state == "ok"
    assert not list((chaos.place / "state/undo").glob("*.jsonl"))
