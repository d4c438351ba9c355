"""The server dies, comes back or hangs while a fault is in: its undo resolves, or fails soon and says what to type."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import psutil
import pytest

from chaoslib_ext.errors import ProxyError
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.proxy.serve import start_detached
from chaoslib_ext.testing.upstream import Upstream, http
from chaoslib_ext.undo.log import logs

pytestmark = pytest.mark.joins("faults", "undo", "toxiproxy-embedded", "toxiproxy-go")


class Server:
    """A server of this test alone, with one proxy, that may be stopped, killed and started again on its port."""

    def __init__(self, engine: str, binary: Path | None, folder: Path, upstream: str) -> None:
        self.engine, self.binary, self.folder, self.upstream = engine, binary, folder, upstream
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.client = Client(self.url)
        self.start()

    def start(self, listen: str | None = None) -> None:
        if self.engine == "go":
            command = [str(self.binary), "-host", "127.0.0.1", "-port", str(self.port)]
            self.pid = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).pid
        else:
            self.pid = start_detached(port=self.port, log=self.folder / "server.log").pid
        deadline = time.monotonic() + 10
        while True:
            try:
                self.client.create("web-http", self.upstream, listen)
                return
            except ProxyError:
                assert time.monotonic() < deadline
                time.sleep(0.02)

    def hang(self) -> None:
        """Stop it, and wait until none of its threads runs: one of a Go server may still answer after the signal."""
        os.kill(self.pid, signal.SIGSTOP)
        _until(self._is_stopped, "the server did not stop")

    def _is_stopped(self) -> bool:
        stats = Path(f"/proc/{self.pid}/task").glob("*/stat")
        return all(stat.read_text().rpartition(")")[2].split()[0] == "T" for stat in stats)

    def go_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def kill(self) -> None:
        process = psutil.Process(self.pid)
        process.kill()
        process.wait(10)

    def toxics(self) -> list[str]:
        return [one.name for one in self.client.toxics("web-http")]


@pytest.fixture(params=["embedded", pytest.param("go", marks=pytest.mark.go)])
def server(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    binary = request.getfixturevalue("go_server") if request.param == "go" else None
    with Upstream(http) as service:
        it = Server(request.param, binary, tmp_path, service.address)
        monkeypatch.setenv("TOXIPROXY_URL", it.url)
        yield it
        if psutil.pid_exists(it.pid):
            it.kill()


SLOW = "toxics.add_latency('web-http', 40)"


def test_a_server_that_died_has_nothing_left_to_undo(server: Server, victim: Callable[..., Any]) -> None:
    runner = victim(SLOW)
    runner.is_in()
    server.kill()
    assert runner.ends() == (0, "")


def test_a_server_that_was_restarted_has_nothing_left_to_undo(server: Server, victim: Callable[..., Any]) -> None:
    runner = victim(SLOW)
    runner.is_in()
    server.kill()
    server.start()
    server.client.add_toxic("web-http", "noop", name="someone-elses")
    assert runner.ends() == (0, "")
    assert server.toxics() == ["someone-elses"]


def test_what_somebody_put_on_the_server_that_came_later_is_theirs_even_by_our_name(
    server: Server, victim: Callable[..., Any]
) -> None:
    runner = victim(SLOW)
    runner.is_in()
    ours = next(name for name in server.toxics() if name.endswith("-latency"))
    server.kill()
    server.start()
    server.client.add_toxic("web-http", "noop", name=ours)
    runner.signal(signal.SIGKILL)
    runner.close()
    _until(_watchdog_is_gone, "the watchdog did not come to its end")
    assert server.toxics() == [ours]


def test_a_proxy_that_somebody_took_down_on_the_server_that_came_later_stays_down(
    server: Server, victim: Callable[..., Any]
) -> None:
    runner = victim("proxies.down('web-http')")
    runner.is_in()
    seen = server.client.proxy("web-http")
    server.kill()
    server.start(seen.listen)
    server.client.update("web-http", enabled=False)
    assert runner.ends() == (0, "")
    assert not server.client.proxy("web-http").enabled


def test_a_server_that_is_started_anew_with_a_fault_on_its_way_is_left_without_it(
    server: Server, victim: Callable[..., Any]
) -> None:
    """The fault lands on the server that came later; from there it is taken back."""
    runner = victim(_RESTARTS_IN_BETWEEN)
    assert runner.process.stdout.readline() == "now\n"
    server.kill()
    server.start()
    runner.process.stdin.write("\n")
    runner.process.stdin.flush()
    runner.is_in()
    assert server.toxics() == []
    runner.ends()


def test_a_server_that_hangs_is_not_waited_for_for_ever_and_a_person_is_told_what_to_type(
    server: Server, victim: Callable[..., Any]
) -> None:
    runner = victim(SLOW + "\nfrom chaoslib_ext.proxy import client\n" + _IMPATIENT)
    runner.is_in()
    server.hang()
    _, said = runner.ends(within=25)
    assert f"type: curl -sS -X DELETE {server.url}/proxies/web-http/toxics/cx-" in said
    server.go_on()
    _until(lambda: server.toxics() == [], "the watchdog did not go on when the server came back")


def test_three_times_ctrl_c_while_the_server_hangs_leaves_it_to_the_watchdog(
    server: Server, victim: Callable[..., Any]
) -> None:
    runner = victim(SLOW + "\nfrom chaoslib_ext.proxy import client\n" + _TELLS_WHEN_IT_ASKS)
    runner.is_in()
    server.hang()
    runner.process.stdin.close()
    runner.process.stdin = None
    assert runner.process.stdout.readline() == "asks\n", "the undo did not begin"
    for left in ("2 more", "1 more"):
        runner.signal(signal.SIGINT)
        assert left in _next_line(runner.process.stderr)
    runner.signal(signal.SIGINT)
    _, said = runner.ends(within=15)
    assert "Left to the watchdog" in said and "chaos undo --run" in said
    server.go_on()
    _until(lambda: server.toxics() == [], "the watchdog did not finish it")


def test_killed_while_the_server_hangs_it_is_undone_when_the_server_is_back(
    server: Server, victim: Callable[..., Any]
) -> None:
    runner = victim(SLOW)
    runner.is_in()
    server.hang()
    runner.signal(signal.SIGKILL)
    time.sleep(0.5)
    server.go_on()
    _until(lambda: server.toxics() == [], "left behind")


_RESTARTS_IN_BETWEEN = """
from chaoslib_ext.errors import FaultNotConfirmed
from chaoslib_ext.faults.toxic import Toxic
real = Toxic.apply
def slow(fault, client, target, name):
    print("now", flush=True)
    sys.stdin.readline()
    real(fault, client, target, name)
Toxic.apply = slow
try:
    toxics.add_latency('web-http', 40)
except Exception as error:
    assert "its server was started anew" in str(error), error
else:
    sys.exit("it went in")
"""
_IMPATIENT = """
from chaoslib_ext.proxy import undo as the_undoers
real = client.Client
the_undoers.Client = lambda url: real(url, timeout=1.0)
"""
_TELLS_WHEN_IT_ASKS = """
from chaoslib_ext.proxy import undo as the_undoers
real = client.Client
the_undoers.Client = lambda url: (print("asks", flush=True), real(url))[1]
"""


def _next_line(stream: IO[str]) -> str:
    """The next line with something in it."""
    return next(line for line in stream if line.strip())


def _watchdog_is_gone() -> bool:
    (log,) = logs()
    state = log.read()
    return state.closed and not log.is_attended(state.header)


def _until(is_so: Callable[[], bool], otherwise: str, within: float = 30) -> None:
    deadline = time.monotonic() + within
    while not is_so():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.02)
