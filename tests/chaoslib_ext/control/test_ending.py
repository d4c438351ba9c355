"""Runs that are ended: by a key, a signal, a kill, or a disk that fills up. The record is valid after each."""

import os
import signal
import socket
import subprocess
from pathlib import Path
from typing import Any

import psutil
import pytest
from click.testing import CliRunner

from chaoslib_ext.cli.journal import journal
from chaoslib_ext.model import Verdict
from chaoslib_ext.record.read import verify


@pytest.fixture
def napping(chaos: Any, make: Any, until: Any) -> Any:
    """Start a run that naps in the method and has a rollback; gives the child once it naps."""

    def start(*options: str, rollback_naps: bool = False, **kind: Any) -> subprocess.Popen[str]:
        nap = {**make.activity("nap", path=str(chaos.place / "napping")), **kind}
        back = make.activity("note", path=str(chaos.place / "rolled-back"))
        if rollback_naps:
            back = make.activity("nap", path=str(chaos.place / "rolled-back"))
        probes = [make.probe("value", 1, of=1)]
        after = make.activity("note", path=str(chaos.place / "went-on"))
        child = chaos.start(chaos.experiment([nap, after], probes=probes, rollbacks=[back]), *options)
        until((chaos.place / "napping").exists, "the nap")
        return child

    return start


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_in_a_python_activity_ends_the_run_with_rollbacks(chaos: Any, napping: Any, number: int) -> None:
    """[5, 6]"""
    child = napping()
    child.send_signal(number)
    done = chaos.end(child, within=15)
    assert done.code == 1, done.err
    assert (chaos.place / "rolled-back").exists() and not (chaos.place / "went-on").exists()
    assert done.story.verdict is Verdict.INTERRUPTED and done.story.state == "ok"
    assert done.story.reasons[0] == f"ended by {signal.Signals(number).name}"
    assert done.journal["status"] == "interrupted"
    assert done.kept["run"] == done.journal["run"], "the host leaves the status out, and its own report tool fails"
    assert done.kept["run"][0]["status"] == "failed" and done.kept["run"][0]["end"]


def test_sigterm_before_the_first_activity_is_a_signal_and_no_mistake_of_ours(
    chaos: Any,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # a server that is asked, and does not answer
        chaos.env["TOXIPROXY_URL"] = f"http://127.0.0.1:{silent.getsockname()[1]}"
        provider = {"type": "python", "module": "actions.proxies", "func": "down", "arguments": {"proxy": "x"}}
        child = chaos.start(chaos.experiment([{"type": "action", "name": "cut", "provider": provider}]))
        silent.settimeout(15)
        peer, _ = silent.accept()
        child.send_signal(signal.SIGTERM)
        done = chaos.end(child, within=15)
        peer.close()
    assert done.code == 1 and "please report it" not in done.err
    assert done.story.verdict is Verdict.INTERRUPTED and done.story.reasons == ("ended by SIGTERM",)
    assert done.story.state == "ok"
    assert done.journal["status"] == "interrupted", "the host is gone before it would write one"


@pytest.mark.parametrize("code", [0, "bye"])
def test_an_activity_that_ends_the_process_is_not_called_a_signal(chaos: Any, make: Any, code: Any) -> None:
    done = chaos.run(chaos.experiment([make.activity("leave", code=code)]))
    assert done.code == 1 and done.story.verdict is Verdict.INTERRUPTED and done.story.state == "ok"
    assert done.story.reasons[0] == f"ended by an activity that called sys.exit({code!r})"


def test_an_activity_that_takes_the_streams_away_does_not_end_the_run(chaos: Any, make: Any) -> None:
    done = chaos.run(chaos.experiment([make.activity("no_streams"), make.activity("value", of=1)]))
    assert done.story.verdict is Verdict.HELD and done.story.state == "ok", done.story.reasons


def test_an_activity_that_closes_our_files_ends_the_run_in_order(chaos: Any, make: Any) -> None:
    went_on = make.activity("note", path=str(chaos.place / "went-on"))
    done = chaos.run(chaos.experiment([make.activity("close_everything"), went_on]))
    assert done.code == 1 and not (chaos.place / "went-on").exists()
    assert "can no longer be recorded" in done.err
    assert "the end of the run failed" not in done.err and "Exception ignored" not in done.err


def test_an_activity_that_leaves_no_file_to_be_opened_does_not_keep_the_end_from_coming(chaos: Any, make: Any) -> None:
    done = chaos.run(chaos.experiment([make.activity("no_more_files")]))
    assert done.code == 1 and "Exception ignored" not in done.err
    assert "the record is not whole" in done.err and "run.finished" in done.kinds


def test_the_hosts_exit_signal_is_how_a_safeguard_of_somebodys_aborts_a_run(chaos: Any, napping: Any) -> None:
    """[8]"""
    child = napping()
    child.send_signal(signal.SIGUSR1)
    done = chaos.end(child, within=15)
    assert done.code == 1 and (chaos.place / "rolled-back").exists()
    assert done.story.verdict is Verdict.ABORTED and done.journal["status"] == "aborted"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_second_signal_does_not_cut_a_rollback_short(chaos: Any, make: Any, until: Any, number: int) -> None:
    place = chaos.place
    nap = make.activity("nap", path=str(place / "napping"))
    back = make.activity("nap", "back", path=str(place / "rolling"), seconds=1.5)
    then = make.activity("note", "then", path=str(place / "rolled-back"))
    child = chaos.start(chaos.experiment([nap], rollbacks=[back, then]))
    until((place / "napping").exists, "the nap")
    child.send_signal(signal.SIGINT)
    until((place / "rolling").exists, "the rollback")
    child.send_signal(number)
    done = chaos.end(child, within=15)
    assert (place / "rolled-back").exists() and "once more" in done.err
    assert [run["status"] for run in done.kept["rollbacks"]] == ["succeeded", "succeeded"]
    assert done.code == 1 and done.story.verdict is Verdict.INTERRUPTED


def test_a_signal_while_rollbacks_are_played_lets_them_end_and_is_told(chaos: Any, make: Any, until: Any) -> None:
    back = make.activity("nap", path=str(chaos.place / "rolling"), seconds=1.5)
    child = chaos.start(chaos.experiment([make.activity("value", of=1)], rollbacks=[back]))
    until((chaos.place / "rolling").exists, "the rollback")
    child.send_signal(signal.SIGINT)
    done = chaos.end(child, within=15)
    assert done.code == 1 and done.story.verdict is Verdict.INTERRUPTED
    assert [run["status"] for run in done.kept["rollbacks"]] == ["succeeded"]


def test_a_third_ctrl_c_ends_the_rollback_too_and_still_closes_the_record(chaos: Any, napping: Any, until: Any) -> None:
    child = napping(rollback_naps=True)
    child.send_signal(signal.SIGINT)
    until((chaos.place / "rolled-back").exists, "the rollback")
    child.send_signal(signal.SIGINT)
    assert "once more" in next(line for line in child.stderr if "once more" in line)
    child.send_signal(signal.SIGINT)
    done = chaos.end(child, within=15)
    assert done.code == 1
    assert verify(done.folder).state == "ok" and done.kept["status"] == done.journal["status"] == "interrupted"
    assert done.story.verdict is Verdict.UNDO_FAILED, "a rollback that did not end may have left something"


def test_rollbacks_are_played_also_where_the_host_was_told_to_leave_without(chaos: Any, napping: Any) -> None:
    child = napping()
    child.send_signal(signal.SIGUSR2)
    done = chaos.end(child, within=15)
    assert (chaos.place / "rolled-back").exists()
    assert done.story.verdict is Verdict.ABORTED and done.story.state == "ok"
    assert [run["status"] for run in done.kept["rollbacks"]] == ["succeeded"]


def test_a_hang_up_that_is_ignored_on_purpose_stays_ignored(chaos: Any, make: Any, until: Any) -> None:
    """[25] As under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        nap = make.activity("nap", path=str(chaos.place / "napping"), seconds=1)
        child = chaos.start(chaos.experiment([nap]))
    finally:
        signal.signal(signal.SIGHUP, before)
    until((chaos.place / "napping").exists, "the nap")
    child.send_signal(signal.SIGHUP)
    assert chaos.end(child).code == 0


def test_a_kill_leaves_a_record_that_the_watchdog_finishes(chaos: Any, napping: Any, until: Any) -> None:
    """[1]"""
    child = napping()
    os.killpg(child.pid, signal.SIGKILL)
    done = chaos.end(child)
    assert not (chaos.place / "journal.json").exists(), "the host had no time to write its own"
    until(lambda: verify(done.folder).state == "ok", "the seal")
    assert done.story.verdict is Verdict.INTERRUPTED and done.kept["status"] == "interrupted"
    (run,) = done.kept["run"]
    assert run["activity"]["name"] == "nap" and run["status"] == "failed" and run["end"] and run["duration"] > 0
    assert done.kept["steady_states"]["before"]["steady_state_met"] is True


def test_an_activity_that_kills_the_run_itself_is_in_the_record(chaos: Any, make: Any, until: Any) -> None:
    done = chaos.run(chaos.experiment([make.activity("die")]))
    assert done.code == -signal.SIGKILL
    until(lambda: verify(done.folder).state == "ok", "the seal")
    assert [step.name for step in done.story.steps] == ["die"]


def test_no_place_for_the_record_refuses_the_run(chaos: Any, make: Any) -> None:
    (chaos.place / "file").write_text("")
    chaos.env["CHAOS_JOURNAL_DIR"] = str(chaos.place / "file" / "journal")
    rollback = make.activity("note", path=str(chaos.place / "rolled-back"))
    experiment = chaos.experiment([make.activity("note", path=str(chaos.place / "done"))], rollbacks=[rollback])
    done = chaos.run(experiment)
    assert done.code == 1 and "Traceback" not in done.err
    assert "CHAOS_JOURNAL_DIR" in done.err and "Nothing was injected." in done.err
    assert "The run was refused for the reason above" in done.err, "the host itself was told why"
    assert not (chaos.place / "done").exists() and not (chaos.place / "rolled-back").exists()
    assert done.journal["status"] == "failed"


@pytest.mark.parametrize("probes", [None, []])
def test_a_refusal_holds_where_the_hosts_hook_is_switched_off(chaos: Any, make: Any, probes: Any) -> None:
    """`scope: after` keeps the host from asking before the experiment; the method must not run all the same."""
    (chaos.place / "file").write_text("")
    chaos.env["CHAOS_JOURNAL_DIR"] = str(chaos.place / "file" / "journal")
    control = {"name": "c", "scope": "after", "provider": {"type": "python", "module": "chaoslib_ext.control"}}
    method = [make.activity("note", path=str(chaos.place / "done"))]
    done = chaos.run(chaos.experiment(method, probes=probes, controls=[control]), how="experiment")
    assert done.code == 1 and not (chaos.place / "done").exists()


def test_a_disk_that_fills_up_ends_the_run(chaos: Any, make: Any) -> None:
    big = make.activity("value", "big", of="x" * 60_000)
    after = make.activity("note", path=str(chaos.place / "went-on"))
    rollback = make.activity("note", path=str(chaos.place / "rolled-back"))
    experiment = chaos.experiment([big, big, after], rollbacks=[rollback])
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({400_000},) * 2)"
    (chaos.place / "sitecustomize.py").write_text(limited)
    control = chaos.place / "journal/runs"
    control.mkdir(parents=True)
    done = chaos.run(experiment)
    assert done.code == 1 and "Traceback" not in done.err
    assert "cannot write the record" in done.err and "The run ends here" in done.err
    assert not (chaos.place / "went-on").exists() and (chaos.place / "rolled-back").exists()
    assert done.story.state == "open", "a record that lost events may not look whole"


def test_a_record_left_open_by_a_runner_and_watchdog_both_dead_is_still_readable(
    chaos: Any, napping: Any, until: Any
) -> None:
    child = napping()
    watchdogs = [one for one in psutil.Process(child.pid).children() if "watch" in " ".join(one.cmdline())]
    os.kill(child.pid, signal.SIGSTOP)
    for one in watchdogs:
        one.kill()
    os.killpg(child.pid, signal.SIGKILL)
    done = chaos.end(child)
    assert watchdogs and verify(done.folder).state == "open"
    assert done.story.verdict is None and done.story.ended is None
    shown = CliRunner().invoke(journal, ["show", done.story.id])
    assert "Its process is dead" in shown.output and "goes on" not in shown.output
    assert Path(done.folder / "events.jsonl").exists()


def test_a_journal_that_cannot_be_written_is_not_green(chaos: Any, make: Any) -> None:
    block = make.activity("value")
    block["provider"] = {
        "type": "process",
        "path": "sh",
        "arguments": ["-c", "for d in journal/runs/*; do mkdir -p $d/journal.json/x; done"],
    }
    done = chaos.run(chaos.experiment([block], probes=[make.probe("value", 1, of=1)]))
    assert done.code == 1 and done.journal["status"] == "failed"
    assert "the record is not whole: cannot write the record" in done.err
    assert verify(done.folder).state == "open"


def test_a_run_that_never_comes_to_its_end_is_closed_with_its_process(chaos: Any, make: Any) -> None:
    """The host finishes nothing when something leaves between its `running` event and its own clean-up."""
    leaver = """
from chaoslib.run import RunEventHandler

class Leaver(RunEventHandler):
    def running(self, experiment, journal, configuration, secrets, schedule, settings):
        raise SystemExit(3)

def configure_control(event_registry):
    event_registry.register(Leaver())
"""
    (chaos.place / "leaver.py").write_text(leaver)
    controls = [{"name": "leaver", "provider": {"type": "python", "module": "leaver"}}]
    done = chaos.run(chaos.experiment([make.activity("note", path="done")], controls=controls))
    assert done.code == 3 and not (chaos.place / "done").exists()
    assert done.story.state == "ok" and done.story.verdict is Verdict.INTERRUPTED, done.story.reasons


def test_a_defect_in_our_own_end_is_not_green(chaos: Any, make: Any) -> None:
    (chaos.place / "sitecustomize.py").write_text(
        "import sys\n"
        "if 'run' in sys.argv:\n"
        "    from chaoslib_ext.control import ending\n"
        "    def fail(*args): raise RuntimeError('a defect')\n"
        "    ending._undo = fail\n"
    )
    done = chaos.run(chaos.experiment([make.activity("value", of=1)]))
    assert done.code == 1 and "the end of the run failed: RuntimeError: a defect" in done.err
    assert done.story.state == "ok" and done.story.verdict is Verdict.ERROR, "and its record is closed, and says so"


def test_a_defect_in_our_own_notes_ends_the_run(chaos: Any, make: Any) -> None:
    (chaos.place / "sitecustomize.py").write_text(
        "import sys\n"
        "if 'run' in sys.argv:\n"
        "    from chaoslib_ext.control.activities import Activities\n"
        "    from chaoslib_ext.record.record import Record\n"
        "    real = Record.append\n"
        "    def fail(self, kind, data, actor='runner'):\n"
        "        if kind == 'method.started': raise RuntimeError('a defect')\n"
        "        return real(self, kind, data, actor)\n"
        "    Record.append = fail\n"
    )
    done = chaos.run(chaos.experiment([make.activity("note", path=str(chaos.place / "done"))]))
    assert done.code == 1 and "the control failed at method.started" in done.err
    assert not (chaos.place / "done").exists()


def test_signals_that_come_while_we_clean_up_do_not_cut_it_short(chaos: Any, make: Any, until: Any) -> None:
    undoing = chaos.place / "undoing"
    (chaos.place / "sitecustomize.py").write_text(
        "import sys\n"
        "if 'run' in sys.argv:\n"
        "    import time\n"
        "    from chaoslib_ext.control import ending\n"
        "    def slowly(session):\n"
        f"        open({str(undoing)!r}, 'w').close()\n"
        "        time.sleep(1.5)\n"
        "        return []\n"
        "    ending._undo = slowly\n"
    )
    child = chaos.start(chaos.experiment([make.activity("value", of=1)], probes=[make.probe("value", 1, of=1)]))
    until(undoing.exists, "the undo")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGINT, signal.SIGUSR2, signal.SIGHUP):
        child.send_signal(number)
    done = chaos.end(child)
    assert done.story.state == "ok" and done.story.verdict is Verdict.HELD and done.code == 0


@pytest.mark.parametrize("place", ["background", "method", "rollback"])
def test_an_error_the_host_does_not_expect_is_red_with_its_reason(chaos: Any, make: Any, place: str) -> None:
    """[3, 15] The host records it without a status, exits with 0 in the background, or crashes in a rollback."""
    odd = {"type": "probe", "name": "odd", "provider": {"type": "http", "url": "no-scheme"}}
    if place == "background":
        odd["background"] = True
    method = [make.activity("value", of=1)] if place == "rollback" else [odd, make.activity("value", of=1)]
    done = chaos.run(chaos.experiment(method, rollbacks=[odd] if place == "rollback" else []))
    assert done.code == 1 and done.story.state == "ok" and done.story.verdict is not Verdict.HELD
    (run,) = [run for run in done.journal["run"] + done.journal["rollbacks"] if run["activity"]["name"] == "odd"]
    assert run["status"] == "failed" and "No scheme supplied" in run["exception"][0]
    assert done.kept["run"] == done.journal["run"] or place == "background"
