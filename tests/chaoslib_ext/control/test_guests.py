"""Any experiment is safe under our control, as it is: each test is a promise against a defect of the host.

The numbers in brackets are those of the reproductions behind them (chaostoolkit 1.19 with chaostoolkit-lib 1.44).
"""

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.model import Verdict
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.record.read import verify

pytestmark = pytest.mark.joins("control", "guests")


def napping(chaos: Any, make: Any, until: Any, *options: str, **more: Any) -> Any:
    """A run in the middle of a long activity, with something done before it."""
    method = [make.activity("note", path="done"), make.activity("nap", path="napping", seconds=60)]
    child = chaos.start(chaos.experiment(method, **more), *options, how="settings")
    until((chaos.place / "napping").exists, "the nap")
    return child


def heal(make: Any, name: str = "heal", **more: Any) -> dict[str, Any]:
    return make.activity("note", name, path=f"{name}ed", **more)


def gone(chaos: Any, until: Any) -> None:
    """Wait for the watchdog to have closed the record."""
    (folder,) = (chaos.place / "journal/runs").iterdir()
    until(lambda: verify(folder).state == "ok", "the record", within=30)


def test_a_killed_run_has_its_own_rollbacks_played_by_the_watchdog(chaos: Any, make: Any, until: Any) -> None:
    """[1, 5] The experiment knows nothing of us; `chaos enable` alone is enough."""
    child = napping(chaos, make, until, rollbacks=[heal(make), heal(make, "mend")])
    os.killpg(child.pid, signal.SIGKILL)
    done = chaos.end(child)
    gone(chaos, until)
    assert (chaos.place / "healed").read_text() == "here\n" and (chaos.place / "mended").exists()
    assert done.story.verdict is Verdict.INTERRUPTED
    assert [(run["activity"]["name"], run["status"]) for run in done.kept["rollbacks"]] == [
        ("heal", "succeeded"),
        ("mend", "succeeded"),
    ]
    assert not list((chaos.place / "state/undo").glob("*.rollbacks.json")), "what was kept is gone"


def test_a_killed_run_whose_rollback_fails_says_so_and_plays_the_others(chaos: Any, make: Any, until: Any) -> None:
    child = napping(chaos, make, until, rollbacks=[make.activity("fail", why="no way"), heal(make)])
    os.killpg(child.pid, signal.SIGKILL)
    done = chaos.end(child)
    gone(chaos, until)
    assert (chaos.place / "healed").exists()
    assert done.story.verdict is Verdict.UNDO_FAILED and any("no way" in reason for reason in done.story.reasons)


def test_rollbacks_of_a_killed_run_have_the_secrets_of_its_var_file(chaos: Any, make: Any, until: Any) -> None:
    chaos.env["LOGIN"] = "of-the-experiment"
    secrets = {"mine": {"login": {"type": "env", "key": "LOGIN"}}, "other": {"key": {"type": "env", "key": "LOGIN"}}}
    (chaos.place / "vars.json").write_text(json.dumps({"secrets": {"mine": {"login": "of-the-var-file"}}}))
    rollbacks = [heal(make, "heal", says="${login}"), heal(make, "mend", says="${key}")]
    for rollback, group in zip(rollbacks, secrets, strict=True):
        rollback["provider"]["secrets"] = [group]
    child = napping(chaos, make, until, "--var-file", "vars.json", rollbacks=rollbacks, secrets=secrets)
    os.killpg(child.pid, signal.SIGKILL)
    done = chaos.end(child)
    gone(chaos, until)
    assert (chaos.place / "healed").read_text() == "of-the-var-file\n"
    assert (chaos.place / "mended").read_text() == "of-the-experiment\n"
    assert "of-the-" not in json.dumps(done.kept)


def test_a_killed_run_before_its_method_plays_no_rollbacks(chaos: Any, make: Any, until: Any) -> None:
    probes = [make.probe("nap", "slept", path="probing", seconds=60)]
    experiment = chaos.experiment([make.activity("note", path="done")], probes=probes, rollbacks=[heal(make)])
    child = chaos.start(experiment, how="settings")
    until((chaos.place / "probing").exists, "the probe")
    os.killpg(child.pid, signal.SIGKILL)
    chaos.end(child)
    gone(chaos, until)
    assert not (chaos.place / "healed").exists()


def test_a_tolerance_that_crashes_the_host_costs_neither_rollbacks_nor_journal(chaos: Any, make: Any) -> None:
    """[2] `range` on a probe that gives None, after the method."""
    (chaos.place / "n.txt").write_text("1")
    probe = make.probe("number_or_none", {"type": "range", "range": [0, 5]}, path="n.txt")
    method = [make.activity("remove", path="n.txt")]
    done = chaos.run(chaos.experiment(method, probes=[probe], rollbacks=[heal(make)]), how="settings")
    assert (chaos.place / "healed").exists()
    assert done.code == 1 and done.story.verdict is Verdict.ERROR and done.journal["experiment"]["title"]
    assert "Traceback" not in done.err


def test_a_rollback_that_refers_to_nothing_does_not_keep_the_others_from_being_played(chaos: Any, make: Any) -> None:
    """[3] The host stops at the first."""
    rollbacks = [{"ref": "nobody"}, heal(make)]
    done = chaos.run(chaos.experiment([make.activity("note", path="done")], rollbacks=rollbacks), how="settings")
    assert (chaos.place / "healed").exists()
    assert done.code == 1 and done.story.verdict is Verdict.UNDO_FAILED
    assert any("nobody" in reason for reason in done.story.reasons)


def test_a_rollback_with_an_unexpected_error_does_not_keep_the_others_from_being_played(chaos: Any, make: Any) -> None:
    """[3] A URL without its scheme."""
    broken = {"type": "action", "name": "call", "provider": {"type": "http", "url": "no-scheme/x"}}
    rollbacks = [broken, heal(make)]
    done = chaos.run(chaos.experiment([make.activity("note", path="done")], rollbacks=rollbacks), how="settings")
    assert (chaos.place / "healed").exists()
    assert done.code == 1 and done.story.verdict is Verdict.UNDO_FAILED


@pytest.mark.parametrize("strategy", ["never", "deviated", "alway"])
def test_rollbacks_are_played_whatever_a_strategy_or_a_typo_says(chaos: Any, make: Any, strategy: str) -> None:
    """[9]"""
    runtime = {"rollbacks": {"strategy": strategy}}
    method = [make.activity("note", path="done")]
    done = chaos.run(chaos.experiment(method, rollbacks=[heal(make)], runtime=runtime), how="settings")
    assert (chaos.place / "healed").read_text() == "here\n" and done.code == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGUSR1, signal.SIGUSR2])
def test_a_signal_waits_for_no_background_activity_and_everything_is_undone(
    chaos: Any, make: Any, until: Any, number: int
) -> None:
    """[6, 23] The host would wait for the minute to be over."""
    nap = {**make.activity("nap", path="napping", seconds=60), "background": True}
    method = [nap, make.activity("nap", "second", path="napping-too", seconds=60)]
    child = chaos.start(chaos.experiment(method, rollbacks=[heal(make)]), how="settings")
    until((chaos.place / "napping").exists, "the nap")
    until((chaos.place / "napping-too").exists, "the second nap")
    child.send_signal(number)
    done = chaos.end(child)  # within half the time
    assert done.code == 1 and (chaos.place / "healed").read_text() == "here\n"
    assert done.story.state == "ok" and [run["status"] for run in done.journal["rollbacks"]] == ["succeeded"]


def test_fail_fast_leaves_nothing_in(chaos: Any, make: Any) -> None:
    """[7]"""
    state = str(chaos.place / "state.txt")
    Path(state).write_text("well")
    probes = [make.probe("from_file", "well", path=state)]
    method = [make.activity("note", path=state, says="ill"), make.activity("nap", path="napping", seconds=2)]
    options = ("--hypothesis-strategy", "during-method-only", "--hypothesis-frequency", "0.2", "--fail-fast")
    done = chaos.run(chaos.experiment(method, probes=probes, rollbacks=[heal(make)]), *options, how="settings")
    assert (chaos.place / "healed").exists() and done.code == 1 and done.story.verdict is Verdict.DEVIATED


def test_a_probe_of_the_method_outside_its_tolerance_is_red(chaos: Any, make: Any) -> None:
    """[12] The host never looks at it."""
    method = [make.probe("value", 2, of=2), make.probe("value", {"type": "range", "range": [0, 1]}, name="odd", of=7)]
    done = chaos.run(chaos.experiment(method), how="settings")
    assert done.code == 1 and done.story.verdict is Verdict.DEVIATED
    assert done.story.reasons[0] == 'in the method "odd" was 7, not 0 to 1'


def test_an_activity_that_takes_longer_than_its_timeout_ends_the_run(chaos: Any, make: Any) -> None:
    """[16] The host validates `timeout`, and never uses it."""
    nap = {**make.activity("nap", path="napping", seconds=60), "timeout": 0.5}
    done = chaos.run(chaos.experiment([nap], rollbacks=[heal(make)]), how="settings")
    assert done.story.verdict is Verdict.ABORTED and "its timeout of 0.5 s" in done.story.reasons[0]
    assert (chaos.place / "healed").exists() and done.story.seconds < 50


def test_an_action_that_a_control_bypasses_ends_the_run_instead_of_being_done(chaos: Any, make: Any) -> None:
    """[17] chaosaddons says `dry: true`; the host compares it with something else and does it."""
    (chaos.place / "bypass.py").write_text("def before_activity_control(context):\n    context['dry'] = True\n")
    action = make.activity("note", path="done")
    action["controls"] = [{"name": "bypass", "provider": {"type": "python", "module": "bypass"}}]
    done = chaos.run(chaos.experiment([action]), how="settings")
    assert not (chaos.place / "done").exists() and done.story.verdict is Verdict.ABORTED


def test_a_secret_stays_out_of_everything_also_where_configuration_is_dynamic(
    chaos: Any, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[18] The host copies every resolved secret into the experiment, and from there into its journal."""
    chaos.env["LOGIN"] = "hunter2-and-more"
    dynamic = {"type": "probe", "name": "dyn", "provider": make.activity("value", of="x")["provider"]}
    secrets = {"mine": {"login": {"type": "env", "key": "LOGIN"}}}
    leak = make.activity("leak")
    leak["provider"]["secrets"] = ["mine"]
    experiment = chaos.experiment([leak], configuration={"dyn": dynamic}, secrets=secrets, rollbacks=[heal(make)])
    done = chaos.run(experiment, how="settings")
    assert done.code == 0, done.err
    for file in [chaos.place / "journal.json", *done.folder.iterdir()]:
        assert "hunter2-and-more" not in file.read_text(), file


CHAOSTOXI = {
    "latency": (
        "chaostoxi.toxic.actions",
        "create_latency_toxic",
        {"for_proxy": "web", "toxic_name": "slow", "latency": 100},
    ),
    "disabled": ("chaostoxi.proxy.actions", "disable_proxy", {"proxy_name": "web"}),
    "created": (
        "chaostoxi.proxy.actions",
        "create_proxy",
        {"proxy_name": "fresh", "upstream_host": "127.0.0.1", "upstream_port": 9, "listen_host": "127.0.0.1"},
    ),
    "moved": ("chaostoxi.proxy.actions", "modify_proxy", {"proxy_name": "web", "upstream_address": "127.0.0.1:10"}),
    "deleted": ("chaostoxi.proxy.actions", "delete_proxy", {"proxy_name": "web"}),
}


@pytest.mark.joins("guests", "toxiproxy-embedded")
@pytest.mark.joins("guests", "toxiproxy-go")
@pytest.mark.parametrize("how", ["held", "killed"])
@pytest.mark.parametrize("kind", CHAOSTOXI)
def test_what_chaostoxi_does_is_undone_without_a_rollback(
    chaos: Any, make: Any, until: Any, toxiproxy: str, kind: str, how: str
) -> None:
    module, func, arguments = CHAOSTOXI[kind]
    client = Client(toxiproxy)
    client.create("web", "127.0.0.1:9")
    client.add_toxic("web", "noop", name="somebodys")
    before = client.proxies()
    action = {"type": "action", "name": kind, "provider": {"type": "python", "module": module, "func": func}}
    action["provider"]["arguments"] = arguments  # type: ignore[index]
    method = [action, *([make.activity("nap", path="napping", seconds=60)] if how == "killed" else [])]
    child = chaos.start(chaos.experiment(method, configuration={"toxiproxy_url": toxiproxy}), how="settings")
    if how == "killed":
        until((chaos.place / "napping").exists, "the nap")
        assert client.proxies() != before, "the action did something"
        os.killpg(child.pid, signal.SIGKILL)
    done = chaos.end(child)
    gone(chaos, until)
    assert client.proxies() == before
    assert "fault.undone" in done.kinds
    assert done.code == (0 if how == "held" else -9), done.err


@pytest.mark.parametrize(
    "kinds", [("disabled", "enabled"), ("disabled", "deleted"), ("deleted", "anew"), ("anew", "moved")]
)
def test_a_killed_run_that_changed_a_proxy_twice_leaves_it_as_it_was(
    chaos: Any, make: Any, until: Any, embedded: str, kinds: tuple[str, ...]
) -> None:
    more = {
        "enabled": ("chaostoxi.proxy.actions", "enable_proxy", {"proxy_name": "web"}),
        "anew": ("chaostoxi.proxy.actions", "create_proxy", {**CHAOSTOXI["created"][2], "proxy_name": "web"}),
    }
    client = Client(embedded)
    if kinds[0] != "anew":
        client.create("web", "127.0.0.1:9")
        client.add_toxic("web", "noop", name="somebodys")
    before = client.proxies()
    method = []
    for kind in kinds:
        module, func, arguments = {**CHAOSTOXI, **more}[kind]
        provider = {"type": "python", "module": module, "func": func, "arguments": arguments}
        method.append({"type": "action", "name": kind, "provider": provider})
    method.append(make.activity("nap", path="napping", seconds=60))
    child = chaos.start(chaos.experiment(method, configuration={"toxiproxy_url": embedded}), how="settings")
    until((chaos.place / "napping").exists, "the nap")
    os.killpg(child.pid, signal.SIGKILL)
    chaos.end(child)
    gone(chaos, until)
    assert client.proxies() == before


def test_a_rollback_that_undid_it_already_is_no_error(chaos: Any, make: Any, embedded: str) -> None:
    client = Client(embedded)
    client.create("web", "127.0.0.1:9")
    module, func, arguments = CHAOSTOXI["latency"]
    action = {"type": "action", "name": "slow", "provider": {"type": "python", "module": module, "func": func}}
    action["provider"]["arguments"] = arguments  # type: ignore[index]
    undo = {"type": "action", "name": "undo", "provider": {"type": "python", "module": module, "func": "delete_toxic"}}
    undo["provider"]["arguments"] = {"for_proxy": "web", "toxic_name": "slow"}  # type: ignore[index]
    experiment = chaos.experiment([action], rollbacks=[undo], configuration={"toxiproxy_url": embedded})
    done = chaos.run(experiment, how="settings")
    assert done.code == 0 and not client.toxics("web")
