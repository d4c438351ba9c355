"""A machine that gives no thread and no process any more: what is in is undone all the same."""

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.joins("faults", "undo", "record")

USER = 61_000 + os.getpid() % 1_000
"""A user of whom nothing else runs: RLIMIT_NPROC counts all that a user has, and does not bind root."""
AS_USER = [
    *("setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"),
    # what this environment takes to be read, where it lies below root's own folder, and nothing that lifts a limit
    *(f"--{which}=-all,+dac_read_search" for which in ("inh-caps", "ambient-caps", "bounding-set")),
]
CODE = """
    from chaoslib_ext.faults import run
    from chaoslib_ext.record.record import Record
    record = Record.create("Why?")
    run.begin(record)
    toxics.add_latency("web-http", 40{more})
    proxies.down("orders-postgresql"{more})
    import resource
    for pid in (run.current().watchdog.pid, os.getpid()):
        resource.prlimit(pid, resource.RLIMIT_NPROC, (1, 1))
    try:
        os.fork()
    except BlockingIOError:
        pass
    else:
        sys.exit("there are processes to be had")
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder of that user."""
    if os.getuid() != 0:
        pytest.skip("only root can start a run as another user")
    folder = Path(tempfile.mkdtemp(prefix="no-threads-"))
    os.chown(folder, USER, USER)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def runner(place: Path, victim: Callable[..., Any]) -> Callable[..., Any]:
    """Its faults are in, and neither it nor its watchdog gets a thread any more."""

    def start(more: str = "") -> Any:
        folders = {"HOME": place, "CHAOS_STATE_DIR": place / "state", "CHAOS_JOURNAL_DIR": place / "journal"}
        env = os.environ | {name: str(folder) for name, folder in folders.items()}
        one = victim(CODE.format(more=more), by=AS_USER, env=env, cwd=place)
        one.is_in()
        return one

    return start


def test_a_watchdog_that_gets_no_thread_undoes_what_a_killed_run_left(
    scene: Any, runner: Callable[..., Any], place: Path
) -> None:
    one = runner()
    assert len(scene.faults()) == 2
    one.signal(signal.SIGKILL)
    scene.is_clean_soon(5)
    assert "Traceback" not in (place / "state/watchdog.log").read_text()


def test_a_watchdog_that_gets_no_thread_keeps_deadlines(scene: Any, runner: Callable[..., Any]) -> None:
    one = runner(", duration='2s'")
    scene.is_without_faults_soon(2 + 5)
    one.ends()


def test_a_run_that_gets_no_thread_undoes_its_faults_at_its_end(scene: Any, runner: Callable[..., Any]) -> None:
    one = runner()
    code, said = one.ends()
    assert code == 0, said
    scene.is_clean_soon(5)
