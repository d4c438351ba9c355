"""What every test stands on: folders of its own, no server from outside, and under CI no silent skip."""

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")  # a busy machine is slow, and that is no failure

ROOT = Path(__file__).parent.parent
_skipped = pytest.StashKey[list[tuple[str, str]]]()


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """State and journal of this test alone; nothing of the person who runs it."""
    monkeypatch.setenv("CHAOS_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("CHAOS_JOURNAL_DIR", str(tmp_path / "journal"))
    for name in ("TOXIPROXY_URL", "CHAOS_POLICY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def link_ports() -> Iterator[None]:
    """The ports that links take, from 26001 on, for this test alone: another that looks for the first free one in this
    moment would be given the same."""
    from filelock import FileLock

    with FileLock(Path(tempfile.gettempdir()) / f"link-ports-of-tests-{os.getuid()}.lock"):
        yield


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The root of the repository (or of the copy of it the tests run from)."""
    return ROOT


def pytest_configure(config: pytest.Config) -> None:
    """Hear signals as at a desk, and take part in the session as a listener to its reports."""
    # a job of a script starts with SIGINT and SIGQUIT ignored, under nohup SIGHUP too, and each child inherits that
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    config.stash[_skipped] = []
    config.pluginmanager.register(_Listener(config), "unlisted-skips")


class _Listener:
    """Under CI=true a skip whose reason is not in tests/skips.txt fails the session."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._note(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._note(report)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if os.environ.get("CI") and self.unlisted() and session.exitstatus in (0, 5):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if os.environ.get("CI"):
            for test, reason in self.unlisted():
                terminalreporter.write_line(f"SKIPPED without leave (see tests/skips.txt): {test}: {reason}", red=True)

    def unlisted(self) -> list[tuple[str, str]]:
        """Test and reason of each skip nobody has allowed."""
        lines = (ROOT / "tests" / "skips.txt").read_text().splitlines()
        allowed = [line for line in lines if line and not line.startswith("#")]
        noted = self.config.stash[_skipped]
        return [(test, why) for test, why in noted if not any(fnmatchcase(why, pattern) for pattern in allowed)]

    def _note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.skipped:
            why = report.longrepr[2] if isinstance(report.longrepr, tuple) else getattr(report, "wasxfail", "")
            self.config.stash[_skipped].append((report.nodeid, str(why).removeprefix("Skipped: ")))


@pytest.fixture(scope="session")
def go_server() -> Path:
    """The real Toxiproxy server; built once per machine. Without Go: skipped, but not under CI."""
    built = subprocess.run([str(ROOT / "scripts" / "toxiproxy-go")], capture_output=True, text=True, check=False)
    if built.returncode:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"no real Toxiproxy here: {built.stderr.strip()}")
    return Path(built.stdout.strip()) / "toxiproxy-server"


@pytest.fixture(scope="session")
def embedded_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Our server in a process of its own, for the session; a test leaves no proxy on it (use `embedded`)."""
    from chaoslib_ext.proxy.serve import start_detached

    serving = start_detached(log=tmp_path_factory.mktemp("embedded") / "server.log")
    yield serving.url
    _end(serving.pid)


@pytest.fixture(scope="session")
def go_url(go_server: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The real server, likewise."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    log = (tmp_path_factory.mktemp("go") / "server.log").open("wb")
    command = [str(go_server), "-host", "127.0.0.1", "-port", str(port), "-proxy-metrics"]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    _wait_for_version(url)
    yield url
    process.kill()
    process.wait()


@pytest.fixture
def embedded(embedded_url: str) -> Iterator[str]:
    """The URL of the embedded server, without proxies before and after."""
    yield from _emptied(embedded_url)


@pytest.fixture(params=["embedded", pytest.param("go", marks=pytest.mark.go)])
def toxiproxy(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a server without proxies: the test runs on the embedded and on the real one."""
    yield from _emptied(request.getfixturevalue(f"{request.param}_url"))


def _emptied(url: str) -> Iterator[str]:
    from chaoslib_ext.proxy.client import Client

    yield url
    client = Client(url)
    for name in client.proxies():
        client.delete(name)


def _wait_for_version(url: str) -> None:
    from chaoslib_ext.errors import ProxyError
    from chaoslib_ext.proxy.client import Client

    deadline = time.monotonic() + 15
    while True:
        try:
            Client(url).version()
            return
        except ProxyError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _end(pid: int) -> None:
    import psutil

    try:
        process = psutil.Process(pid)
        process.kill()
        process.wait(10)
    except psutil.NoSuchProcess:
        pass
