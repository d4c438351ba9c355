"""Our own faults in a real run, on the embedded server: refused when they cannot go in, recorded when they did."""

import json
import os
import signal
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import psutil
import pytest

from chaoslib_ext.model import Verdict
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.proxy.detached import start_detached
from chaoslib_ext.record.read import events, verify

pytestmark = pytest.mark.joins("control", "faults", "proxy", "record", "undo", "host")


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    do_HEAD = do_OPTIONS = do_GET

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def page() -> Iterator[str]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Page) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture
def toxiproxy(own_folders: Path, page: str, chaos: Any) -> Iterator[Client]:
    serving = start_detached(log=own_folders / "server.log")
    try:
        chaos.env["TOXIPROXY_URL"] = serving.url
        client = Client(serving.url)
        client.create("web", page)
        yield client
    finally:
        psutil.Process(serving.pid).kill()


def slow(make: Any, proxy: str = "web", func: str = "add_latency", **arguments: Any) -> dict[str, Any]:
    action = make.activity(func, "slow-link", proxy=proxy, **arguments)
    action["provider"]["module"] = "actions.toxics"
    return action


def test_a_fault_is_in_the_record_with_evidence_and_undo(chaos: Any, make: Any, toxiproxy: Client) -> None:
    method = [slow(make, latency_ms=150)]
    done = chaos.run(chaos.experiment(method, probes=[make.probe("value", 1, of=1)]))
    assert done.code == 0, done.out + done.err
    (fault,) = done.story.faults
    assert fault.evidence["bit"] is True and fault.evidence["measured"]["added_ms"] > 100
    assert fault.evidence["target"]["proxy"] == "web" and fault.evidence["target"]["server"] == toxiproxy.url
    assert fault.undo and fault.undo["verified"] and fault.undo["by"] == "runner"
    assert done.story.about["server"] == {
        "url": toxiproxy.url, "version": toxiproxy.version(), "engine": None, "found_by": "variable"
    }  # fmt: skip
    first = next(line for line in done.out.splitlines() if line.startswith(" "))
    assert first == f" server     {toxiproxy.url} ({toxiproxy.version()})"
    (applied,) = [event["data"] for event in events(done.folder) if event["kind"] == "fault.applied"]
    assert applied["says"].startswith("latency 150 ms, downstream on web (way back: remove toxic cx-")
    assert toxiproxy.toxics("web") == []
    extension = done.kept["extensions"][0]
    assert extension["verdict"] == "held" and len(extension["faults"]) == len(extension["undo"]) == 1
    assert " undo       ✓" in done.out and " fault      ✓ latency (latency 150" in done.out


def test_a_wrong_name_is_told_with_file_and_line_before_anything_runs(chaos: Any, make: Any, toxiproxy: Client) -> None:
    method = [make.activity("note", path="done"), slow(make, "wep", latency_ms=150)]
    rollbacks = [make.activity("note", path="rolled-back")]
    experiment = chaos.experiment(method, rollbacks=rollbacks)
    line = next(n for n, text in enumerate(experiment.read_text().splitlines(), 1) if '"add_latency"' in text)
    done = chaos.run(experiment)
    assert done.code == 1 and "Traceback" not in done.err
    told = done.err.splitlines()
    (problem,) = [text for text in told if text.startswith("experiment.json:")]
    assert problem.startswith(f"experiment.json:{line}  actions.toxics.add_latency: ")
    assert '"wep"' in problem and "did you mean web?" in problem
    assert "Nothing was injected." in told
    assert not (chaos.place / "done").exists() and not (chaos.place / "rolled-back").exists()
    assert done.story.verdict is Verdict.ERROR and done.story.state == "ok" and done.journal["status"] == "failed"


def test_a_fault_that_would_do_nothing_is_told_before_anything_runs(chaos: Any, make: Any, toxiproxy: Client) -> None:
    done = chaos.run(chaos.experiment([slow(make, latency_ms=150, toxicity=0), slow(make, latency_ms=0)]))
    assert done.code == 1 and toxiproxy.toxics("web") == []
    told = [line for line in done.err.splitlines() if line.startswith("experiment.json:")]
    assert "a toxicity of 0 hits nothing; leave the action out" in told[0]
    assert "a latency of 0 ms without jitter delays nothing; leave the action out" in told[1]


def test_a_fault_that_could_not_be_measured_is_not_plainly_held(chaos: Any, make: Any, toxiproxy: Client) -> None:
    toxiproxy.create("dead", "127.0.0.1:1")
    done = chaos.run(chaos.experiment([slow(make, "dead", latency_ms=150)], probes=[make.probe("value", 1, of=1)]))
    assert done.code == 0 and "HELD  Does it hold?" in done.out
    assert "      It held: All is well — before and after latency on dead." in done.out
    assert (
        "      not measured: latency on dead: " in done.out and "it is not proved that the fault was felt" in done.out
    )


def test_yaml_has_lines_too(chaos: Any, make: Any, toxiproxy: Client) -> None:
    path = chaos.place / "x.yaml"
    path.write_text(
        "title: x\ndescription: x\nmethod:\n- type: action\n  name: a\n  provider:\n    type: python\n"
        "    module: actions.toxics\n    func: add_latency\n    arguments: {proxy: web, latency_ms: -1}\n"
    )
    done = chaos.run(path)
    assert done.code == 1 and "x.yaml:9  actions.toxics.add_latency: " in done.err


def test_configuration_that_came_to_nothing_is_told_before_anything_runs(chaos: Any) -> None:
    path = chaos.place / "x.yaml"
    path.write_text(
        "title: x\ndescription: x\nconfiguration:\n  shop:\n    type: probe\n    name: where\n    provider:\n"
        "      {type: python, module: chaoslib_ext.lab.where, func: url}\nmethod:\n- type: action\n  name: a\n"
        '  provider: {type: process, path: touch, arguments: "done"}\n'
    )
    done = chaos.run(path)
    assert done.code == 1 and not (chaos.place / "done").exists()
    assert "x.yaml:8  configuration shop: chaoslib_ext.lab.where.url gave no value" in done.err
    assert "chaos lab up" in done.err and "Nothing was injected." in done.err


@pytest.mark.parametrize("dry", ["actions", "activities"])
def test_a_rehearsal_needs_no_server(chaos: Any, make: Any, dry: str) -> None:
    chaos.env["TOXIPROXY_URL"] = "http://127.0.0.1:1"
    done = chaos.run(chaos.experiment([slow(make, latency_ms=150)]), "--dry", dry)
    assert done.code == 0, done.err


@pytest.mark.parametrize("dry", ["probes", "pause"])
def test_a_rehearsal_that_acts_is_refused_like_a_run(chaos: Any, make: Any, dry: str) -> None:
    """It does every action: neither a missing server nor a freeze is passed over."""
    chaos.env["TOXIPROXY_URL"] = "http://127.0.0.1:1"
    done = chaos.run(chaos.experiment([slow(make, latency_ms=150)]), "--dry", dry)
    assert done.code == 1 and done.story.refused
    frozen = [sys.executable, "-m", "chaostoolkit", "--no-version-check", "freeze", "--why", "a test"]
    subprocess.run(frozen, cwd=chaos.place, env=chaos.env, check=True, capture_output=True)
    (chaos.place / "journal").rename(chaos.place / "first")
    done = chaos.run(chaos.experiment([make.activity("note", path="done")]), "--dry", dry)
    assert done.code == 1 and done.story.refused and not (chaos.place / "done").exists(), done.err


def test_no_server_is_one_problem_however_many_faults_need_it(chaos: Any, make: Any) -> None:
    chaos.env["TOXIPROXY_URL"] = "http://127.0.0.1:1"
    done = chaos.run(chaos.experiment([slow(make, latency_ms=150), slow(make, latency_ms=200)]))
    assert done.code == 1 and done.err.count("actions.toxics.add_latency: ") == 1


def test_ctrl_c_while_it_begins_is_told_as_such(chaos: Any, make: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(20)
        chaos.env["TOXIPROXY_URL"] = f"http://127.0.0.1:{silent.getsockname()[1]}"
        child = chaos.start(chaos.experiment([slow(make, latency_ms=150)]))
        with silent.accept()[0]:
            child.send_signal(signal.SIGINT)
            done = chaos.end(child)
    assert done.code != 0 and done.story.verdict is Verdict.INTERRUPTED
    assert done.story.reasons == ("ended by Ctrl-C",) and done.journal["status"] == "interrupted"


def test_an_experiment_without_our_actions_needs_no_server(chaos: Any, make: Any) -> None:
    chaos.env["TOXIPROXY_URL"] = "http://127.0.0.1:1"
    assert chaos.run(chaos.experiment([make.activity("value", of=1)])).code == 0


@pytest.mark.parametrize(
    ("strategy", "asks_in_the_method", "verdict"),
    [
        ("before-method-only", False, Verdict.INCONCLUSIVE),
        ("before-method-only", True, Verdict.HELD),
        ("after-method-only", False, Verdict.HELD),
        ("default", False, Verdict.HELD),
    ],
)
def test_held_needs_a_probe_that_was_asked_under_the_fault(
    chaos: Any, make: Any, toxiproxy: Client, strategy: str, asks_in_the_method: bool, verdict: Verdict
) -> None:
    probe = make.probe("value", 1, of=1)
    method = [slow(make, latency_ms=150), *([probe] if asks_in_the_method else [])]
    done = chaos.run(chaos.experiment(method, probes=[probe]), "--hypothesis-strategy", strategy)
    assert done.story.verdict is verdict, done.story.reasons
    assert done.code == (0 if verdict is Verdict.HELD else 1)
    if verdict is Verdict.INCONCLUSIVE:
        assert done.story.reasons[0].startswith("no probe was asked while latency was on web; ask after the fault: ")


@pytest.mark.parametrize("part", ["listen", "upstream"])
def test_a_link_that_is_moved_under_a_fault_makes_the_run_void(
    chaos: Any, make: Any, until: Any, toxiproxy: Client, part: str
) -> None:
    hold = make.activity("hold_on", path=str(chaos.place / "holding"), until=str(chaos.place / "moved"))
    child = chaos.start(chaos.experiment([slow(make, latency_ms=150), hold]))
    until((chaos.place / "holding").exists, "the fault")
    before = getattr(toxiproxy.proxy("web"), part)
    with socket.create_server(("127.0.0.1", 0)) as free:
        to = f"127.0.0.1:{free.getsockname()[1]}"
    toxiproxy.update("web", **{part: to})
    (chaos.place / "moved").touch()
    done = chaos.end(child)
    assert done.code == 1 and done.story.verdict is Verdict.VOID, done.story.reasons
    assert f"the proxy was moved, {part} from {before} to {to}" in done.story.reasons[0]
    assert toxiproxy.toxics("web") == []


@pytest.mark.parametrize("numbers", [[signal.SIGTERM], [signal.SIGHUP], [signal.SIGINT, signal.SIGINT]])
def test_a_signal_under_a_fault_leaves_no_toxic(
    chaos: Any, make: Any, until: Any, toxiproxy: Client, numbers: list[int]
) -> None:
    nap = make.activity("nap", path=str(chaos.place / "napping"))
    child = chaos.start(chaos.experiment([slow(make, latency_ms=150), nap]))
    until((chaos.place / "napping").exists, "the nap")
    for number in numbers:
        child.send_signal(number)
    done = chaos.end(child)
    assert done.code == 1 and toxiproxy.toxics("web") == []
    assert done.story.verdict is Verdict.INTERRUPTED and done.story.state == "ok"
    assert done.story.faults[0].undo and done.story.faults[0].undo["verified"]


def test_a_kill_under_a_fault_leaves_no_toxic_and_a_whole_record(
    chaos: Any, make: Any, until: Any, toxiproxy: Client
) -> None:
    nap = make.activity("nap", path=str(chaos.place / "napping"))
    child = chaos.start(chaos.experiment([slow(make, latency_ms=150), nap]))
    until((chaos.place / "napping").exists, "the nap")
    os.killpg(child.pid, signal.SIGKILL)
    done = chaos.end(child)
    until(lambda: toxiproxy.toxics("web") == [], "the undo", within=5)
    until(lambda: verify(done.folder).state == "ok", "the seal")
    until((done.folder / "journal.json").exists, "the journal")
    assert done.story.verdict is Verdict.INTERRUPTED
    assert done.story.faults[0].undo and done.story.faults[0].undo["by"] == "watchdog"
    assert [run["activity"]["name"] for run in done.kept["run"]] == ["slow-link", "nap"]
    assert json.dumps(done.kept)


def test_a_disk_that_fills_up_under_a_fault_leaves_no_toxic(chaos: Any, make: Any, toxiproxy: Client) -> None:
    big = make.activity("value", "big", of="x" * 150_000)
    (chaos.place / "sitecustomize.py").write_text(
        "import resource, sys\nif 'run' in sys.argv: resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))\n"
    )
    method = [slow(make, latency_ms=150), big, make.activity("note", path=str(chaos.place / "went-on"))]
    done = chaos.run(chaos.experiment(method), "--journal-path", "/dev/null")
    assert done.code == 1 and "Traceback" not in done.err, done.err
    assert "cannot write the record" in done.err and not (chaos.place / "went-on").exists()
    assert toxiproxy.toxics("web") == []
    assert " undo       ✓" in done.out and done.story.state == "open"
