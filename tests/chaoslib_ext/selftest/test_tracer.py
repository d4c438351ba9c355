"""In a child: calls of our code are seen, by name and number, with the way there; other people's are not."""

import sys
from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext import durable
from chaoslib_ext.selftest import tracer
from chaoslib_ext.selftest.scene import Scene
from chaoslib_ext.selftest.victim import Strike, Victim
from chaoslib_ext.undo import signals


def ran(folder: Path, code: str, server: str = "http://127.0.0.1:1", **more: Any) -> Victim:
    victim = Victim(folder, [sys.executable, "-c", code], server, is_traced=True, **more)
    victim._process.wait(60)
    return victim


def names(victim: Victim) -> list[str]:
    return [f"{one['kind']} {one['site']} #{one['nth']}" for one in victim.told("point")]


def test_a_file_that_is_written_atomically(folder: Path) -> None:
    code = "import os, pathlib; from chaoslib_ext.record.files import write_atomically as write\n"
    victim = ran(folder, code + "for n in 'ab': write(pathlib.Path('x'), n)\nos.fsync(os.open('x', 0))")
    assert victim.exit_code == 0, victim.output()
    once = ["fsync durable.py:replaced", "rename durable.py:replaced", "fsync durable.py:sync_folder"]
    assert names(victim) == [f"{one} #{number}" for number in (1, 2) for one in once]
    chain = victim.told("point")[0]["chain"]
    assert chain == ["durable.py:replaced", "record/files.py:write_atomically"]


def test_what_a_worker_does_is_told_with_the_way_to_who_handed_it_over(folder: Path) -> None:
    code = "from chaoslib_ext.undo.log import UndoLog; UndoLog.create('r')"
    victim = ran(folder, code)
    assert victim.exit_code == 0, victim.output()
    first, *_ = [one for one in victim.told("point") if one["site"] == "undo/durably.py:append_whole"]
    assert first["chain"][-1] == "undo/log.py:UndoLog.create"
    assert not [site for site in first["chain"] if site.startswith("worker.py")]


def test_a_request_has_the_name_of_who_asks_not_of_the_wire(folder: Path, at: Scene) -> None:
    code = "from chaoslib_ext.proxy.servers import connect; from probes import proxies; connect(); proxies.names()"
    victim = ran(folder, code, at.server.url)
    assert names(victim)[0] == "http proxy/servers.py:connect #1", victim.output()


def test_handlers_are_seen_when_they_are_put_in_and_when_they_run(folder: Path) -> None:
    code = (
        "import signal, os; from chaoslib_ext.undo.signals import held_back\n"
        "before = signal.getsignal(2)\n"
        "with held_back(redeliver=False) as came: os.kill(os.getpid(), 2)\n"
        "assert came == [2] and signal.getsignal(2) is before"
    )
    victim = ran(folder, code)
    assert victim.exit_code == 0, victim.output()
    put, ran_, back = [f"signal undo/signals.py:put_in #{n}" for n in (1, 2, 3)], "handler", 3
    assert names(victim)[:3] == put
    assert names(victim)[3] == f"{ran_} undo/signals.py:held_back.hold #1" and len(names(victim)) == 4 + back


def test_at_a_point_it_strikes_once(folder: Path) -> None:
    code = (
        "import pathlib; from chaoslib_ext.record.files import write_atomically as write\nwrite(pathlib.Path('x'), 'a')"
    )
    at = "runner rename durable.py:replaced #1 before"
    victim = ran(folder, code, strikes=[Strike(at, ("signal", "SIGKILL"))])
    assert victim.exit_code == -9
    assert [one["point"] for one in victim.told("reached")] == [at]
    assert not (folder / "x").exists() and names(victim)[-1] == "rename durable.py:replaced #1"


def test_sites_have_the_names_of_functions_and_what_is_not_ours_has_none() -> None:
    assert tracer.site_of(durable.replaced.__code__) == "durable.py:replaced"
    assert tracer.site_of(signals.held_back.__wrapped__.__code__) == "undo/signals.py:held_back"  # type: ignore[attr-defined]
    assert tracer.site_of(ran.__code__) is None
    assert tracer.site_of(tracer.site_of.__code__) is None


@pytest.mark.parametrize(
    ("words", "role"),
    [
        (["-m", "chaoslib_ext.faults.watch", "x"], "watchdog"),
        (["undo", "--all"], "hand"),
        (["run", "x.yaml"], "runner"),
    ],
)
def test_the_role_is_told_by_the_command(words: list[str], role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "orig_argv", ["python", *words])
    assert tracer.role() == role


def test_nobody_else_loads_it() -> None:
    """No file outside of this room names it, so that it costs nothing where it is not asked for."""
    root = Path(tracer.__file__).parent.parent.parent
    others = [file for name in ("chaoslib_ext", "probes", "actions") for file in (root / name).rglob("*.py")]
    named = {file for file in others if "selftest.tracer" in file.read_text() or "import tracer" in file.read_text()}
    assert {file.parent.name for file in named} == {"selftest"}
