"""What the host does without us, shown on the real `chaos run`: the defects that the tests of this folder answer.

The numbers are those of the table in docs/decisions/0010-guests-guards-verdicts.md. A test that fails here says that
the host mended it: then our answer may go.
"""

import json
import os
import signal
import socket
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.joins("control", "host")


@pytest.fixture
def healed(chaos: Any) -> Callable[[], bool]:
    """Was the experiment's rollback played?"""
    return (chaos.place / "healed").exists


@pytest.fixture
def bare(chaos: Any, make: Any) -> Callable[..., Any]:
    """Run a method without our control, with one rollback that heals; gives what came of it."""

    def run(method: list[dict[str, Any]], *options: str, **more: Any) -> Any:
        more.setdefault("rollbacks", [make.activity("note", "heal", path="healed")])
        return chaos.run(chaos.experiment(method, **more), *options, how="none")

    return run


@pytest.fixture
def ended(chaos: Any, make: Any, until: Any) -> Callable[..., Any]:
    """The same, and end it by a signal while it naps."""

    def run(number: int, *before: dict[str, Any], nap: float = 60, **more: Any) -> Any:
        method = [*before, make.activity("nap", path="napping", seconds=nap), make.activity("note", path="next-fault")]
        heal = make.activity("note", "heal", path="healed")
        child = chaos.start(chaos.experiment(method, rollbacks=[heal], **more), how="none")
        until((chaos.place / "napping").exists, "the nap")
        os.killpg(child.pid, number) if number == signal.SIGKILL else child.send_signal(number)
        return chaos.end(child)

    return run


def control(chaos: Any, name: str, source: str) -> list[dict[str, Any]]:
    """A control of somebody's, in a module of that name."""
    (chaos.place / f"{name}.py").write_text(source)
    return [{"name": name, "provider": {"type": "python", "module": name}}]


def test_1_a_killed_run_leaves_no_journal_and_its_fault(chaos: Any, ended: Any, healed: Any) -> None:
    assert ended(signal.SIGKILL).code == -9 and not healed() and not (chaos.place / "journal.json").exists()


@pytest.mark.parametrize("tolerance", [{"type": "range", "range": [0, 5]}, [0, 5]], ids=["range", "list"])
def test_2_a_tolerance_that_crashes_costs_rollbacks_and_journal(
    chaos: Any, make: Any, bare: Any, healed: Any, tolerance: Any
) -> None:
    (chaos.place / "n.txt").write_text("1")
    probes = [make.probe("number_or_none", tolerance, path="n.txt")]
    always = {"rollbacks": {"strategy": "always"}}
    done = bare([make.activity("remove", path="n.txt")], probes=probes, runtime=always)
    assert done.code == 1 and "Traceback" in done.err
    assert not healed() and not (chaos.place / "journal.json").exists()


@pytest.mark.parametrize(
    "broken",
    [{"ref": "nobody"}, {"type": "action", "name": "call", "provider": {"type": "http", "url": "no-scheme/x"}}],
    ids=["ref", "url"],
)
def test_3_a_broken_rollback_takes_those_behind_it_along(
    chaos: Any, make: Any, bare: Any, healed: Any, broken: dict[str, Any]
) -> None:
    bare([make.activity("note", path="done")], rollbacks=[broken, make.activity("note", "heal", path="healed")])
    assert not healed() and not (chaos.place / "journal.json").exists()


def test_4_an_output_that_is_no_json_leaves_half_a_journal(chaos: Any, make: Any, bare: Any) -> None:
    bare([make.activity("odd")])
    with pytest.raises(ValueError):
        json.loads((chaos.place / "journal.json").read_text())


def test_4_a_journal_that_cannot_be_written_is_found_out_at_the_end(chaos: Any, make: Any, bare: Any) -> None:
    done = bare([make.activity("note", path="done")], "--journal-path", "nowhere/journal.json")
    assert (chaos.place / "done").exists() and "Traceback" in done.err


def test_5_ctrl_c_plays_no_rollbacks(ended: Any, healed: Any) -> None:
    assert ended(signal.SIGINT).code == 1 and not healed()


def test_6_sigterm_in_a_python_activity_goes_on_with_the_next_fault(chaos: Any, ended: Any) -> None:
    assert ended(signal.SIGTERM).code == 0 and (chaos.place / "next-fault").exists()


def test_7_fail_fast_leaves_the_fault_in(chaos: Any, make: Any, bare: Any, healed: Any) -> None:
    state = chaos.place / "state.txt"
    state.write_text("well")
    probes = [make.probe("from_file", "well", path=str(state))]
    method = [make.activity("note", path=str(state), says="ill"), make.activity("nap", path="napping", seconds=2)]
    options = ("--hypothesis-strategy", "during-method-only", "--hypothesis-frequency", "0.2", "--fail-fast")
    assert bare(method, *options, probes=probes).code == 1 and not healed()


@pytest.mark.parametrize("strategy", ["alway", "never"])
def test_9_a_misspelt_strategy_plays_no_rollbacks(make: Any, bare: Any, healed: Any, strategy: str) -> None:
    done = bare([make.activity("note", path="done")], runtime={"rollbacks": {"strategy": strategy}})
    assert done.code == 0 and not healed()


def test_10_a_dip_during_the_method_is_green(chaos: Any, make: Any, bare: Any) -> None:
    state = chaos.place / "state.txt"
    state.write_text("well")
    shell = {"type": "process", "path": "sh", "arguments": ["-c", f"printf well > {state}"]}
    method = [
        make.activity("note", path=str(state), says="ill"),
        make.activity("nap", path="napped", seconds=1),
        {"type": "action", "name": "mend", "provider": shell},
    ]
    options = ("--hypothesis-strategy", "continuously", "--hypothesis-frequency", "0.2")
    done = bare(method, *options, probes=[make.probe("from_file", "well", path=str(state))])
    assert done.code == 0 and any(not one["steady_state_met"] for one in done.journal["steady_states"]["during"])


def test_11_not_steady_before_the_method_is_green(make: Any, bare: Any) -> None:
    assert bare([make.activity("note", path="done")], probes=[make.probe("value", 1, of=2)]).code == 0


@pytest.mark.parametrize("what", ["action", "program", "rollback", "probe"])
def test_12_what_failed_is_green(make: Any, bare: Any, what: str) -> None:
    program = {"type": "action", "name": "false", "provider": {"type": "process", "path": "false"}}
    method = {"action": make.activity("fail"), "program": program, "probe": make.probe("value", 1, of=2)}
    fails = {"rollbacks": [make.activity("fail")]} if what == "rollback" else {}
    assert bare([method.get(what, make.activity("value", of=1))], **fails).code == 0


@pytest.mark.parametrize(
    "source",
    [
        "import not_installed\n",
        "def before_method_control(context, **more):\n    raise RuntimeError('not safe')\n",
        "def before_method_control(contxt):\n    raise RuntimeError('never called')\n",
        "def configure_control(experiment):\n    raise RuntimeError('not set up')\n",
    ],
    ids=["absent", "raises", "misspelt", "not-set-up"],
)
def test_13_a_control_that_cannot_be_asked_is_passed_over(chaos: Any, make: Any, bare: Any, source: str) -> None:
    done = bare([make.activity("note", path="fault")], controls=control(chaos, "safe", source))
    assert done.code == 0 and (chaos.place / "fault").exists()


def test_14_a_global_control_is_not_asked_once_the_experiment_has_its_own(chaos: Any, make: Any, bare: Any) -> None:
    stop = "from chaoslib.exceptions import InterruptExecution\n"
    stop += "def before_method_control(context):\n    raise InterruptExecution('not now')\n"
    (safe,) = control(chaos, "safe", stop)
    (chaos.place / "safe.json").write_text(json.dumps({"safe": safe}))
    other = control(chaos, "other", "def before_activity_control(context):\n    pass\n")
    done = bare([make.activity("note", path="fault")], "--control-file", "safe.json", controls=other)
    assert done.code == 0 and (chaos.place / "fault").exists()


def test_15_an_error_in_the_background_is_green(make: Any, bare: Any) -> None:
    odd = {"type": "action", "name": "odd", "background": True, "provider": {"type": "http", "url": "no-scheme"}}
    assert bare([odd, make.activity("value", of=1)]).code == 0


def test_15_a_control_that_stops_a_background_activity_stops_nothing_else(chaos: Any, make: Any, bare: Any) -> None:
    stop = "from chaoslib.exceptions import InterruptExecution\n"
    stop += "def before_activity_control(context):\n    raise InterruptExecution('not now')\n"
    fault = {**make.activity("value", of=1), "background": True, "controls": control(chaos, "safe", stop)}
    done = bare([fault, make.activity("nap", path="next", seconds=0.2)])
    assert done.code == 0 and (chaos.place / "next").exists()


def test_16_a_timeout_is_never_looked_at(make: Any, bare: Any) -> None:
    done = bare([{**make.activity("nap", path="napping", seconds=1.0), "timeout": 0.1}])
    assert done.code == 0 and done.journal["run"][0]["status"] == "succeeded"


def test_16_an_http_activity_has_no_time_limit(chaos: Any, make: Any, until: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        call = {"type": "action", "name": "call", "timeout": 0.1, "provider": {"type": "http", "url": url}}
        child = chaos.start(chaos.experiment([call]), how="none")
        silent.settimeout(15)
        peer, _ = silent.accept()
        with pytest.raises(TimeoutError):
            peer.recv(65536) and peer.settimeout(1.0)
            peer.recv(1)  # ten times the limit: it still waits, and has not hung up
        peer.close()
        chaos.end(child)


def test_17_what_a_control_marks_as_dry_is_done(chaos: Any, make: Any, bare: Any) -> None:
    bypass = control(chaos, "bypass", "def before_activity_control(context):\n    context['dry'] = True\n")
    bare([make.activity("note", path="fault")], controls=bypass)
    assert (chaos.place / "fault").exists()


def test_18_secrets_stand_in_the_journal_and_in_the_log(chaos: Any, make: Any, bare: Any) -> None:
    chaos.env["LOGIN"] = "hunter2-and-more"
    secrets = {"mine": {"login": {"type": "env", "key": "LOGIN"}}}
    dynamic = {"type": "probe", "name": "dyn", "provider": make.activity("value", of="x")["provider"]}
    bare([make.activity("value", of="${login}")], secrets=secrets, configuration={"dyn": dynamic})
    for name in ("journal.json", "chaostoolkit.log"):
        assert "hunter2-and-more" in (chaos.place / name).read_text()


def test_22_an_import_that_fails_inside_a_module_is_called_absent(chaos: Any, make: Any, bare: Any) -> None:
    (chaos.place / "broken.py").write_text("import not_there_at_all\n")
    broken = make.activity("value", of=1)
    broken["provider"]["module"] = "broken"
    done = bare([broken])
    assert "could not find Python module 'broken'" in done.err and "not_there_at_all" not in done.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGUSR2])
def test_23_the_end_waits_for_what_runs_in_the_background(ended: Any, make: Any, number: int, healed: Any) -> None:
    slow = {**make.activity("nap", "slow", path="napping-too", seconds=3), "background": True}
    done = ended(number, slow)
    assert done.journal["duration"] >= 3 or number == signal.SIGUSR2
    assert not healed()


def test_25_a_run_that_inherits_an_ignored_ctrl_c_ignores_it(chaos: Any, make: Any, until: Any) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        child = chaos.start(chaos.experiment([make.activity("nap", path="napping", seconds=0.5)]), how="none")
    finally:
        signal.signal(signal.SIGINT, before)
    until((chaos.place / "napping").exists, "the nap")
    child.send_signal(signal.SIGINT)
    assert chaos.end(child).code == 0
