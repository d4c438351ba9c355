"""Two runs never fight over a link, on one host or on several, on our server and on the original."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from chaoslib_ext.clock import boot_id
from chaoslib_ext.errors import FaultDidNotBite, GuardRefused, ProxyRefused
from chaoslib_ext.faults import measure
from chaoslib_ext.faults.flapping import flap
from chaoslib_ext.faults.inject import check, inject
from chaoslib_ext.faults.run import current, end_current
from chaoslib_ext.faults.toxic import Toxic
from chaoslib_ext.proxy import hold
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.proxy.detached import start_detached
from chaoslib_ext.testing.faults import World
from chaoslib_ext.undo.log import UndoLog, logs

pytestmark = pytest.mark.joins("faults", "undo", "toxiproxy-embedded", "toxiproxy-go")

NOOP = Toxic(proxy="web-http", type="noop")


def names(world: World, proxy: str = "web-http") -> list[str]:
    return sorted(one.name for one in world.client.toxics(proxy))


def held(world: World, proxy: str = "web-http") -> int | None:
    return hold.on(world.client.toxics(proxy))


def test_the_first_fault_takes_hold_and_the_end_gives_it_back(world: World) -> None:
    before = world.looks()
    inject(NOOP)
    run = current()
    inject(NOOP)
    assert names(world) == [f"cx-{run.id}-noop", f"cx-{run.id}-noop-2", hold.NAME]
    assert held(world) == hold.sign_of(run.id)
    assert [one.is_lock for one in run.log.read().intents] == [True, False, False], "the hold is written first"
    says = [one.says for one in run.undo_all()]
    assert says == [
        f"remove toxic cx-{run.id}-noop{suffix} from web-http on {world.client.url}" for suffix in ("-2", "")
    ], "the faults are told, the hold is not"
    assert world.looks() == before and not run.log.read().open


def test_a_hold_stays_while_faults_come_and_go(world: World) -> None:
    flap("web-http", 0.02, 0.01, 2)
    assert held(world) == hold.sign_of(current().id)
    inject(NOOP)
    current().undo([one.id for one in current().log.read().open if not one.is_lock], "hand")
    assert names(world) == [hold.NAME]
    end_current()
    assert names(world) == []


def test_a_fault_that_is_taken_back_whole_leaves_no_hold(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = world.looks()
    monkeypatch.setattr(measure, "each_under", lambda work, clock: [measure.Finding(False) for _ in work])
    with pytest.raises(FaultDidNotBite):
        inject(NOOP)
    assert world.looks() == before


def test_one_of_another_host_is_left_alone_and_the_commands_are_said(world: World) -> None:
    hold.take(world.client, "web-http", "a1b2c3")
    world.client.add_toxic("web-http", "noop", name="cx-a1b2c3-noop")
    before = world.looks()
    for attempt in (check, inject):
        with pytest.raises(GuardRefused, match=r"run a1b2c3 of another machine, user or state folder") as refused:
            attempt(NOOP)
    said = str(refused.value)
    assert "curl -sS -X DELETE" in said and said.index("cx-a1b2c3-noop") < said.rindex(hold.NAME)
    assert world.looks() == before and not logs()


def test_one_who_is_quicker_by_a_moment_has_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    real = hold.take

    def late(client: Client, proxy: str, run: str) -> None:
        real(client, proxy, "a1b2c3")
        real(client, proxy, run)

    monkeypatch.setattr(hold, "take", late)
    with pytest.raises(GuardRefused, match="run a1b2c3"):
        inject(NOOP)
    end_current()
    assert held(world) == hold.sign_of("a1b2c3"), "its hold is not ours to remove"


RUN = """
import sys
from chaoslib_ext.faults import run
from chaoslib_ext.faults.inject import inject
from chaoslib_ext.faults.toxic import Toxic
run.begin(title="the other one")
inject(Toxic(proxy="web-http", type="noop"))
print(run.current().id, run.current().watchdog.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def another() -> Iterator[Callable[[], tuple[subprocess.Popen[str], str, int]]]:
    """Start another run of this user on this host; its process, its id, its watchdog's pid."""
    started: list[subprocess.Popen[str]] = []

    def start() -> tuple[subprocess.Popen[str], str, int]:
        pipe = subprocess.PIPE
        one = subprocess.Popen([sys.executable, "-c", RUN], stdin=pipe, stdout=pipe, text=True)
        started.append(one)
        assert one.stdout
        run, watchdog = one.stdout.readline().split()
        return one, run, int(watchdog)

    yield start
    for one in started:
        one.kill()
        one.communicate()


def test_one_of_this_host_is_named_with_who_and_since_when(world: World, another: Callable[[], Any]) -> None:
    process, run, _ = another()
    with pytest.raises(GuardRefused, match=rf"run {run} 'the other one' of \S+@\S+ holds it since 20.*process") as said:
        inject(NOOP)
    assert f"chaos undo --run {run}" in str(said.value) and str(process.pid) in str(said.value)
    inject(Toxic(proxy="orders-postgresql", type="noop"))
    assert held(world, "orders-postgresql") == hold.sign_of(current().id), "other links are free"
    process.communicate("")
    inject(NOOP)


def test_one_that_died_here_is_undone_first_and_its_place_is_taken(world: World, another: Callable[[], Any]) -> None:
    import psutil

    process, run, watchdog = another()
    psutil.Process(process.pid).suspend()
    psutil.Process(watchdog).kill()
    process.kill()
    process.wait()
    assert held(world) == hold.sign_of(run)
    inject(NOOP)
    assert names(world) == sorted([f"cx-{current().id}-noop", hold.NAME])
    assert held(world) == hold.sign_of(current().id)


@pytest.mark.parametrize("spelling", ["http://localhost:{}/", "http://127.1:{}", "http://[::ffff:127.0.0.1]:{}"])
def test_one_that_died_is_undone_also_when_its_server_is_spelt_otherwise_now(
    world: World, another: Callable[[], Any], monkeypatch: pytest.MonkeyPatch, spelling: str
) -> None:
    process, run, watchdog = another()
    psutil.Process(process.pid).suspend()
    psutil.Process(watchdog).kill()
    process.kill()
    process.wait()
    assert held(world) == hold.sign_of(run)
    monkeypatch.setenv("TOXIPROXY_URL", spelling.format(world.client.url.rpartition(":")[2]))
    inject(NOOP)
    assert names(world) == sorted([f"cx-{current().id}-noop", hold.NAME])


def test_one_that_died_and_cannot_be_undone_stays_where_it_is(
    world: World, another: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from chaoslib_ext.proxy import undo

    run = "dead01"
    log = UndoLog.create(run)
    log.note_server(world.client.url)
    hold.take(world.client, "web-http", run)
    args = {"server": world.client.url, "proxy": "web-http", "holder": run}
    undone = {"id": 1, "driver": "proxy", "op": "release", "args": args, "fault": "lock", "schema_version": 2}
    with log.path.open("a") as file:
        file.write(json.dumps({"kind": "intent", "undo": undone}) + "\n")
    log.path.write_text(log.path.read_text().replace(boot_id(), "an-earlier-boot"))
    with monkeypatch.context() as resisting:
        resisting.setattr(undo.Release, "_undo", lambda *_: "undone")
        with pytest.raises(GuardRefused, match=r"held by run dead01, which is dead and could not be undone"):
            inject(NOOP)
    assert held(world) == hold.sign_of(run)


def test_a_hold_that_somebody_reset_away_is_taken_again(world: World) -> None:
    inject(NOOP)
    world.client.reset()
    inject(NOOP)
    assert held(world) == hold.sign_of(current().id)
    end_current()
    assert names(world) == []


def test_after_chaos_undo_all_a_run_that_goes_on_takes_hold_anew(world: World) -> None:
    inject(NOOP)
    current().undo_all("hand")
    assert names(world) == []
    inject(NOOP)
    assert held(world) == hold.sign_of(current().id)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator["Restarted"]:
    """A server of this test's own, that may be started anew."""
    one = Restarted(tmp_path)
    monkeypatch.setenv("TOXIPROXY_URL", one.client.url)
    yield one
    end_current()
    one.kill()


class Restarted:
    """On one port, with one proxy `web` at one address, however often it is started."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "server.log"
        self._listen, self._port = "127.0.0.1:0", 0
        self.start()

    def start(self) -> None:
        serving = start_detached(port=self._port, log=self._log)
        self.client, self._process = Client(serving.url), psutil.Process(serving.pid)
        self._port = int(serving.url.rpartition(":")[2])
        self._listen = self.client.create("web", "127.0.0.1:9", self._listen).listen

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(10)

    def anew(self) -> None:
        self.kill()
        self.start()

    def toxics(self) -> list[str]:
        return [one.name for one in self.client.toxics("web")]


def test_a_hold_that_lands_on_the_server_that_came_after_is_given_back_there(
    server: Restarted, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = hold.take

    def late(client: Client, proxy: str, run: str) -> None:
        server.anew()
        real(client, proxy, run)

    monkeypatch.setattr(hold, "take", late)
    with pytest.raises(GuardRefused, match="its server was started anew at that moment"):
        inject(Toxic(proxy="web", type="noop"))
    end_current()
    assert server.toxics() == []


def test_a_run_that_goes_on_after_a_restart_holds_its_link_anew_and_gives_it_back(server: Restarted) -> None:
    inject(Toxic(proxy="web", type="noop"))
    server.anew()
    inject(Toxic(proxy="web", type="noop"))
    assert hold.NAME in server.toxics()
    end_current()
    assert server.toxics() == []


@pytest.mark.go
@pytest.mark.usefixtures("go_server")
def test_a_proxy_that_the_original_cannot_be_asked_for_is_refused_and_nothing_counts_as_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own server: nothing but its end takes a name with a slash away."""
    serving = start_detached(log=tmp_path / "server.log", engine="go")
    monkeypatch.setenv("TOXIPROXY_URL", serving.url)
    try:
        Client(serving.url).populate([{"name": "a/b", "listen": "127.0.0.1:0", "upstream": "127.0.0.1:9"}])
        with pytest.raises(ProxyRefused, match='cannot address "a/b"'):
            inject(Toxic(proxy="a/b", type="noop"))
        current().undo_all()
        assert current().log.read().intents and not current().log.read().open
        assert Client(serving.url).proxy("a/b").toxics == ()
    finally:
        end_current()
        psutil.Process(serving.pid).kill()
