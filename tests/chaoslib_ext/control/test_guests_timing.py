"""Any experiment ends when its own limits say so, wherever they stand, and a rehearsal that acts is guarded like a run.

The numbers are those of docs/decisions/0010-guests-guards-verdicts.md.
"""

import json
import os
import signal
import socket
from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.model import Verdict
from chaoslib_ext.proxy.client import Client

pytestmark = pytest.mark.joins("control", "guests")


def heal(make: Any) -> dict[str, Any]:
    return make.activity("note", "heal", path="healed")


def test_fail_fast_waits_for_no_activity(chaos: Any, make: Any) -> None:
    """[7] The host marks the run as failed, and goes when the activity under way is over."""
    state = str(chaos.place / "state.txt")
    Path(state).write_text("well")
    method = [make.activity("note", path=state, says="ill"), make.activity("nap", path="napping", seconds=60)]
    options = ("--hypothesis-strategy", "continuously", "--hypothesis-frequency", "0.2", "--fail-fast")
    probes = [make.probe("from_file", "well", path=state)]
    done = chaos.run(chaos.experiment(method, probes=probes, rollbacks=[heal(make)]), *options, how="settings")
    assert done.code == 1 and done.story.seconds < 50 and (chaos.place / "healed").exists()
    assert done.story.verdict is Verdict.DEVIATED and done.story.reasons[0].startswith("during the method")
    assert (done.journal["status"], done.journal["deviated"]) == ("failed", True)


def test_a_steady_state_that_can_no_longer_be_sampled_ends_the_run(chaos: Any, make: Any) -> None:
    """[2, 7] The thread that samples dies; the host would go on to the end of the activity."""
    (chaos.place / "n.txt").write_text("1")
    probes = [make.probe("number_or_none", {"type": "range", "range": [0, 5]}, path="n.txt")]
    method = [make.activity("remove", path="n.txt"), make.activity("nap", path="napping", seconds=60)]
    options = ("--hypothesis-strategy", "during-method-only", "--hypothesis-frequency", "0.2")
    done = chaos.run(chaos.experiment(method, probes=probes, rollbacks=[heal(make)]), *options, how="settings")
    assert done.code == 1 and done.story.verdict is Verdict.ABORTED and (chaos.place / "healed").exists()
    assert "the steady state can no longer be sampled: TypeError" in done.story.reasons[0]


def test_a_safeguard_that_ends_the_run_from_a_thread_leaves_nothing_in(chaos: Any, make: Any) -> None:
    """[8] As chaosaddons' safeguards do; the host plays no rollbacks then."""
    source = """
import threading
from pathlib import Path
from chaoslib.exit import exit_gracefully

def watch():
    while not Path("napping").exists():
        threading.Event().wait(0.02)
    exit_gracefully()

def before_method_control(context):
    threading.Thread(target=watch, daemon=True).start()
"""
    (chaos.place / "safeguard.py").write_text(source)
    controls = [{"name": "safeguard", "provider": {"type": "python", "module": "safeguard"}}]
    nap = make.activity("nap", path="napping", seconds=60)
    done = chaos.run(chaos.experiment([nap], rollbacks=[heal(make)], controls=controls), how="settings")
    assert done.story.verdict is Verdict.ABORTED and (chaos.place / "healed").exists() and done.story.seconds < 50


def test_a_stop_that_comes_while_rollbacks_are_played_does_not_cut_them_short(
    chaos: Any, make: Any, until: Any
) -> None:
    """[8] A safeguard that trips a moment too late."""
    rollbacks = [make.activity("nap", path="rolling", seconds=1.0), heal(make)]
    child = chaos.start(chaos.experiment([make.activity("note", path="done")], rollbacks=rollbacks), how="settings")
    until((chaos.place / "rolling").exists, "the rollback")
    child.send_signal(signal.SIGUSR1)
    done = chaos.end(child)
    assert done.code == 0 and done.story.verdict is Verdict.HELD
    assert [run["status"] for run in done.journal["rollbacks"]] == ["succeeded", "succeeded"]


@pytest.mark.parametrize("kind", ["program", "request", "background"])
def test_a_time_limit_ends_every_kind_of_activity(chaos: Any, make: Any, kind: str) -> None:
    """[16]"""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        provider = {
            "program": {"type": "process", "path": "sleep", "arguments": "60"},
            "request": {"type": "http", "url": url},
            "background": make.activity("nap", path="napping", seconds=60)["provider"],
        }[kind]
        late = {"type": "action", "name": "late", "timeout": 0.5, "provider": provider, "background": kind[0] == "b"}
        done = chaos.run(chaos.experiment([late], rollbacks=[heal(make)]), how="settings")
    assert done.story.verdict is Verdict.ABORTED and "its timeout of 0.5 s" in done.story.reasons[0]
    assert (chaos.place / "healed").exists() and done.story.seconds < 50


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_time_limit_ends_a_probe_of_the_steady_state(chaos: Any, make: Any, when: str) -> None:
    """[16]"""
    (chaos.place / "acts3.py").write_text(
        "import time\nfrom pathlib import Path\n"
        f"def slow():\n    if Path('done').exists() or {when == 'before'}:\n        time.sleep(60)\n    return 1\n"
    )
    slow = {**make.probe("slow", 1), "timeout": 0.5}
    slow["provider"]["module"] = "acts3"
    method = [make.activity("note", path="done")]
    done = chaos.run(chaos.experiment(method, probes=[slow], rollbacks=[heal(make)]), how="settings")
    assert done.story.verdict is Verdict.ABORTED and '"slow" took longer than its timeout' in done.story.reasons[0]
    assert (chaos.place / "done").exists() is (when == "after") and done.story.seconds < 50


@pytest.mark.parametrize("background", [False, True])
def test_a_rollback_that_takes_too_long_is_given_up_and_the_others_are_played(
    chaos: Any, make: Any, background: bool
) -> None:
    """[16] The verdict says so: nobody knows what it left."""
    late = {**make.activity("nap", "late", path="napping", seconds=60), "timeout": 0.5, "background": background}
    experiment = chaos.experiment([make.activity("note", path="done")], rollbacks=[late, heal(make)])
    done = chaos.run(experiment, how="settings")
    assert done.code == 1 and done.story.verdict is Verdict.UNDO_FAILED, done.story.reasons
    assert any("its timeout of 0.5 s" in reason for reason in done.story.reasons)
    assert (chaos.place / "healed").read_text() == "here\n" and done.story.seconds < 50


@pytest.mark.parametrize("place", ["method", "rollback"])
def test_a_program_that_says_no_is_a_failed_action(chaos: Any, make: Any, place: str) -> None:
    """[12] The host warns that the exit code is not 0, and calls it a success."""
    no = {"type": "process", "path": "sh", "arguments": ["-c", "echo not permitted >&2; exit 2"]}
    refused = {"type": "action", "name": "tc", "provider": no}
    method, rollbacks = ([refused], [heal(make)]) if place == "method" else ([make.activity("value", of=1)], [refused])
    done = chaos.run(chaos.experiment(method, rollbacks=rollbacks), how="settings")
    assert done.code == 1
    assert done.story.verdict is (Verdict.ERROR if place == "method" else Verdict.UNDO_FAILED)
    assert "exit code 2: not permitted" in done.story.reasons[0]


@pytest.mark.parametrize("dry", ["probes", "pause"])
def test_a_rehearsal_that_acts_has_its_rollbacks_kept(chaos: Any, make: Any, until: Any, dry: str) -> None:
    """`--dry probes` and `--dry pause` do every action of the method."""
    method = [make.activity("note", path="done"), make.activity("nap", path="napping", seconds=60)]
    child = chaos.start(chaos.experiment(method, rollbacks=[heal(make)]), "--dry", dry, how="settings")
    until((chaos.place / "napping").exists, "the nap")
    os.killpg(child.pid, signal.SIGKILL)
    chaos.end(child)
    until((chaos.place / "healed").exists, "the rollback, played by the watchdog", within=30)


def test_a_run_without_pauses_is_a_run(chaos: Any, make: Any) -> None:
    method = [{**make.activity("note", path="done"), "pauses": {"after": 60}}]
    probes = [make.probe("hang_if", True, path="nothing")]
    done = chaos.run(chaos.experiment(method, probes=probes), "--dry", "pause", how="settings")
    assert done.code == 0 and done.story.verdict is Verdict.HELD and (chaos.place / "done").exists()
    bad = chaos.experiment([make.probe("value", 1, of=2)], probes=probes)
    (chaos.place / "journal").rename(chaos.place / "first")
    assert chaos.run(bad, "--dry", "pause", how="settings").code == 1


def test_an_ignored_ctrl_c_leaves_sigterm(chaos: Any, make: Any, until: Any) -> None:
    """[25] As under cron, or behind `&` in a script."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        nap = make.activity("nap", path="napping", seconds=60)
        child = chaos.start(chaos.experiment([nap], rollbacks=[heal(make)]), how="settings")
    finally:
        signal.signal(signal.SIGINT, before)
    until((chaos.place / "napping").exists, "the nap")
    child.send_signal(signal.SIGINT)
    child.send_signal(signal.SIGTERM)
    done = chaos.end(child)
    assert done.story.verdict is Verdict.INTERRUPTED and done.story.reasons[0] == "ended by SIGTERM"
    assert (chaos.place / "healed").exists()
    assert json.loads((chaos.place / "journal.json").read_text())["status"] == "interrupted"


@pytest.mark.joins("control", "toxiproxy-embedded")
@pytest.mark.parametrize("how", ["limit", "late rollback", "fail-fast", "control", "broken rollback", "dry and killed"])
def test_no_toxic_is_left_however_a_run_is_ended(chaos: Any, make: Any, until: Any, embedded: str, how: str) -> None:
    """[1, 3, 7, 13, 16] A fault of ours on a real link."""
    with socket.create_server(("127.0.0.1", 0)) as upstream:
        client = Client(embedded)
        client.create("web", f"127.0.0.1:{upstream.getsockname()[1]}")
        chaos.env["TOXIPROXY_URL"] = embedded
        cut = {"type": "python", "module": "actions.proxies", "func": "down", "arguments": {"proxy": "web"}}
        nap = make.activity("nap", path="napping", seconds=60)
        state = chaos.place / "state.txt"
        state.write_text("well")
        (chaos.place / "raises.py").write_text("def after_activity_control(context, state):\n    1 / 0\n")
        method = [{"type": "action", "name": "cut", "provider": cut}]
        rollbacks, options, more = [heal(make)], [], {}
        if how == "limit":
            method += [{**nap, "timeout": 0.5}]
        elif how == "late rollback":
            rollbacks = [{**nap, "timeout": 0.5}, heal(make)]
        elif how == "fail-fast":
            method += [make.activity("note", path=str(state), says="ill"), nap]
            more = {"probes": [make.probe("from_file", "well", path=str(state))]}
            options = ["--hypothesis-strategy", "continuously", "--hypothesis-frequency", "0.2", "--fail-fast"]
        elif how == "control":
            more = {"controls": [{"name": "raises", "provider": {"type": "python", "module": "raises"}}]}
        elif how == "broken rollback":
            rollbacks = [{"type": "action", "name": "call", "provider": {"type": "http", "url": "no"}}, heal(make)]
        else:
            method, options = [*method, nap], ["--dry", "pause"]
        child = chaos.start(chaos.experiment(method, rollbacks=rollbacks, **more), *options, how="settings")
        if how == "dry and killed":
            until((chaos.place / "napping").exists, "the nap")
            os.killpg(child.pid, signal.SIGKILL)
        done = chaos.end(child)
        until(lambda: done.story.state == "ok", "the record")
        assert client.proxies()["web"].enabled and not client.toxics("web")
        assert done.code != 0 and "fault.undone" in done.kinds and (chaos.place / "healed").exists()
