"""At the first sign of the end the faults go, whatever comes behind it: rollbacks, other controls, screens."""

import os
import resource
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from chaoslib_ext.proxy.client import Client
from chaoslib_ext.testing.faults import World
from chaoslib_ext.testing.upstream import Upstream, http


@pytest.fixture
def world(toxiproxy: str, chaos: Any) -> Iterator[World]:
    """A server with one proxy, which is the one that the run finds."""
    chaos.env["TOXIPROXY_URL"] = toxiproxy
    with Upstream(http) as service:
        client = Client(toxiproxy)
        client.create("web-http", service.address)
        yield World(client)


def slow(**more: Any) -> dict[str, Any]:
    arguments = {"proxy": "web-http", "latency_ms": 40}
    provider = {"type": "python", "module": "actions.toxics", "func": "add_latency", "arguments": arguments}
    return {"type": "action", "name": "slow", "provider": provider, **more}


def is_on(world: World) -> bool:
    return any(one.name.endswith("-latency") for one in world.client.toxics("web-http"))


@pytest.mark.parametrize("how", ["by itself", "SIGTERM", "Ctrl-C"])
def test_a_rollback_that_hangs_keeps_no_fault_in(
    chaos: Any, make: Any, world: World, until: Callable[..., None], how: str
) -> None:
    nap = make.activity("nap", path=str(chaos.place / "naps"))
    experiment = chaos.experiment([slow(pauses={"after": 0 if how == "by itself" else 60})], rollbacks=[nap])
    child = chaos.start(experiment)
    if how != "by itself":
        until(lambda: is_on(world), "the fault", 30)
        child.send_signal(signal.SIGTERM if how == "SIGTERM" else signal.SIGINT)
    until((chaos.place / "naps").exists, "the rollback", 30)
    assert not is_on(world), "the fault is gone before the rollback begins"
    child.send_signal(signal.SIGTERM)  # held back
    child.send_signal(signal.SIGTERM)


HANGS = """
import time

def after_HOOK_control(**more):
    open("hangs", "w").close()
    time.sleep(600)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda one: one.name)
@pytest.mark.parametrize("hook", ["activity", "method", "experiment"])
def test_another_control_that_hangs_in_its_last_hook_keeps_no_fault_in(
    chaos: Any, make: Any, world: World, until: Callable[..., None], hook: str, number: signal.Signals
) -> None:
    (chaos.place / "hangs_last.py").write_text(HANGS.replace("HOOK", hook))
    other = [{"name": "other", "provider": {"type": "python", "module": "hangs_last"}}]
    if hook == "activity":
        nap = make.activity("nap", path=str(chaos.place / "naps"))
        experiment = chaos.experiment([slow(), {**nap, "controls": other}])
    else:
        experiment = chaos.experiment([slow(pauses={"after": 60})], controls=other)
    child = chaos.start(experiment)
    until(lambda: is_on(world), "the fault", 30)
    if hook == "activity":
        until((chaos.place / "naps").exists, "the nap", 30)
    child.send_signal(number)
    until((chaos.place / "hangs").exists, "the hook", 30)
    assert not is_on(world), "the fault is gone before the hook begins"
    child.kill()


def test_what_was_undone_first_is_in_the_record_and_on_the_screen_once(chaos: Any, make: Any, world: World) -> None:
    done = chaos.run(chaos.experiment([slow()], rollbacks=[make.activity("value", of=1)]))
    assert done.kinds.count("fault.undone") == 1, done.err
    assert done.kinds.index("fault.undone") < done.kinds.index("rollbacks.started")
    assert sum(line.startswith(" undo") for line in done.out.splitlines()) == 1, done.out


@pytest.mark.parametrize("how", ["by itself", "SIGTERM"])
def test_a_screen_that_does_not_read_keeps_no_fault_in(
    chaos: Any, world: World, until: Callable[..., None], how: str
) -> None:
    reads, writes = os.pipe()
    run = subprocess.Popen
    experiment = chaos.experiment([slow(pauses={"after": 4 if how == "by itself" else 60})])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess, "Popen", lambda *a, **k: run(*a, **{**k, "stdout": writes, "stderr": writes}))
        child = chaos.start(experiment)
    until(lambda: is_on(world), "the fault", 30)
    os.set_blocking(writes, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writes, b"." * 4096)
    os.set_blocking(writes, True)  # full: every write waits from now on
    if how == "SIGTERM":
        child.send_signal(signal.SIGTERM)
    until(lambda: not is_on(world), "its undo", 4 + 5)
    os.close(writes)
    with open(reads, "rb") as rest:
        assert b" undo  " in rest.read(), "what was not read waits"
    child.wait(30)


EATS = """
import os

kept = []

def all_files():
    try:
        while True:
            kept.append(os.dup(0))
    except OSError:
        return len(kept)
"""


def test_an_activity_that_eats_all_descriptors_is_no_failed_undo(chaos: Any, world: World) -> None:
    (chaos.place / "eats.py").write_text(EATS)
    provider = {"type": "python", "module": "eats", "func": "all_files"}
    experiment = chaos.experiment([slow(), {"type": "action", "name": "eat", "provider": provider}])
    with pytest.MonkeyPatch.context() as patch:
        run = subprocess.Popen
        few = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200))  # noqa: E731
        patch.setattr(subprocess, "Popen", lambda *a, **k: run(*a, **k, preexec_fn=few))
        child = chaos.start(experiment)
    done = chaos.end(child, 60)
    assert (done.code, str(done.story.verdict)) == (0, "held"), done.out + done.err
    assert done.story.state == "ok"
    assert not is_on(world)
