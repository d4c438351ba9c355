"""The first command after a crash of everything finishes the job, and says so on stderr."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from chaoslib_ext.cli.doctor import doctor
from chaoslib_ext.cli.lab import lab
from chaoslib_ext.cli.live import live
from chaoslib_ext.cli.proxy import proxy
from chaoslib_ext.clock import boot_id
from chaoslib_ext.faults.inject import inject
from chaoslib_ext.faults.run import current, end_current
from chaoslib_ext.faults.toxic import Toxic
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.testing.upstream import Upstream, http
from chaoslib_ext.undo.log import UndoLog

pytestmark = pytest.mark.joins("cli", "faults", "undo")


@pytest.fixture
def client(embedded: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    monkeypatch.setenv("TOXIPROXY_URL", embedded)
    client = Client(embedded)
    with Upstream(http) as service:
        client.create("web-http", service.address)
        yield client
        client.reset()
        end_current()


@pytest.fixture
def rebooted(client: Client) -> UndoLog:
    """The log of a run that the machine took down with it, its fault still in."""
    inject(Toxic(proxy="web-http", type="noop"))
    log = current().log
    log.path.write_text(log.path.read_text().replace(f'"{boot_id()}"', '"an-earlier-boot"'))
    return log


def chaos(command: object, *words: str) -> Result:
    return CliRunner().invoke(command, list(words), prog_name="chaos")  # type: ignore[arg-type]


@pytest.mark.parametrize("words", [["list"], ["show", "web-http"]])
def test_chaos_proxy_finishes_it(client: Client, rebooted: UndoLog, words: list[str]) -> None:
    done = chaos(proxy, *words, "--json")
    assert done.exit_code == 0
    assert f"Finished run {rebooted.run}" in done.stderr and "Finished" not in done.stdout
    assert not client.toxics("web-http") and json.loads(done.stdout) is not None
    assert "Finished" not in chaos(proxy, *words).stderr, "once"


def test_chaos_live_shows_it_first_and_then_finishes_it(client: Client, rebooted: UndoLog) -> None:
    looked = chaos(live, "--only-look")
    assert "1 fault is on" in looked.stdout and "Finished" not in looked.stderr and len(client.toxics("web-http")) == 2
    done = chaos(live)
    assert "noop on web-http" in done.stdout and f"Finished run {rebooted.run}" in done.stderr
    assert not client.toxics("web-http")
    assert "Nothing is on." in chaos(live).stdout


def test_chaos_live_says_it_as_json_too(client: Client, rebooted: UndoLog) -> None:
    (finished,) = json.loads(chaos(live, "--json").stdout)["finished"]
    assert finished["run"] == rebooted.run and finished["clean"]
    assert json.loads(chaos(live, "--json").stdout)["finished"] == []


def test_chaos_doctor_shows_it_first_and_then_finishes_it(client: Client, rebooted: UndoLog) -> None:
    looked = chaos(doctor, "--only-look")
    assert f"run {rebooted.run} is dead" in looked.stdout and len(client.toxics("web-http")) == 2
    done = chaos(doctor)
    assert done.exit_code == 1 and f"run {rebooted.run} is dead" in done.stdout
    assert f"Finished run {rebooted.run}" in done.stderr and not client.toxics("web-http")
    assert rebooted.run not in chaos(doctor).output


def test_chaos_doctor_says_it_as_json_too(client: Client, rebooted: UndoLog) -> None:
    (finished,) = json.loads(chaos(doctor, "--json").stdout)["finished"]
    assert finished["run"] == rebooted.run and finished["clean"]
    assert json.loads(chaos(doctor, "--json").stdout)["finished"] == []


@pytest.mark.parametrize("words", [["status"], ["down"], ["reset"], ["purge"], ["harden"], ["soften"]])
def test_chaos_lab_finishes_it_whether_a_lab_is_up_or_not(
    client: Client, rebooted: UndoLog, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chaoslib_ext.lab.down.purge", lambda say: 0)  # it would look at every process of the machine
    assert f"Finished run {rebooted.run}" in chaos(lab, *words, "--json").stderr
    assert not client.toxics("web-http")


def test_help_finishes_nothing(client: Client, rebooted: UndoLog) -> None:
    assert chaos(proxy, "list", "--help").exit_code == 0
    assert len(client.toxics("web-http")) == 2


def test_a_living_run_is_let_be(client: Client) -> None:
    inject(Toxic(proxy="web-http", type="noop"))
    assert "Finished" not in chaos(live).stderr + chaos(proxy, "list").stderr
    assert len(client.toxics("web-http")) == 2


def test_a_proxy_server_that_comes_up_finishes_it(
    rebooted: UndoLog, client: Client, tmp_path: Path, free_chaos: Callable[..., str]
) -> None:
    said = free_chaos("proxy", "serve", "--port", "0")
    assert f"Finished run {rebooted.run}" in said and not client.toxics("web-http")


@pytest.fixture
def free_chaos() -> Iterator[Callable[..., str]]:
    """Run `chaos` until it has said what it finished; what it said on stderr until then."""
    import subprocess
    import sys

    started: list[subprocess.Popen[str]] = []

    def run(*words: str) -> str:
        program = str(Path(sys.executable).with_name("chaos"))
        command = [program, "--no-version-check", "--no-log-file", *words]
        started.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True))
        said = ""
        assert started[-1].stderr
        for line in started[-1].stderr:
            said += line
            if "Finished" in line:
                break
        return said

    yield run
    for one in started:
        one.terminate()
        one.communicate()
