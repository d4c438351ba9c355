"""A full disk: no undo on it, so no fault in the world."""

import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

REFUSED = """
    from chaoslib_ext.errors import UndoNotDurable
    try:
        {fault}
    except UndoNotDurable as error:
        assert 'nothing was injected' in str(error), error
    else:
        sys.exit('it was injected')
"""


@pytest.fixture
def tiny_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file system of 64 KiB as state folder; needs the right to mount."""
    place = tmp_path / "tiny"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", str(place)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("a file system of its own can't be mounted here")
    monkeypatch.setenv("CHAOS_STATE_DIR", str(place))
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_disk_that_is_full_from_the_start(scene: Any, victim: Callable[..., Any], tiny_disk: Path) -> None:
    _fill(tiny_disk)
    runner = victim(REFUSED.format(fault="toxics.add_latency('web-http', 40)"))
    runner.is_in()
    assert scene.looks() == scene.before


def test_a_disk_that_fills_up_between_two_faults(scene: Any, victim: Callable[..., Any], tiny_disk: Path) -> None:
    second = REFUSED.format(fault="toxics.add_latency('orders-postgresql', 40)")
    runner = victim(
        "toxics.add_latency('web-http', 40)\nprint('first', flush=True)\nsys.stdin.readline()" + _flat(second)
    )
    assert runner.process.stdout.readline() == "first\n"
    log = next((tiny_disk / "undo").glob("*.jsonl"))
    with log.open("ab") as file:  # to the end of its page, so that the next line needs a new one
        file.write(b" " * (-log.stat().st_size % 4096 - 1) + b"\n")
    _fill(tiny_disk)
    runner.process.stdin.write("\n")
    runner.process.stdin.flush()
    runner.is_in()
    assert len(scene.faults()) == 1
    runner.signal(signal.SIGKILL)
    scene.is_clean_soon()


def test_a_disk_that_is_read_only(scene: Any, victim: Callable[..., Any], tiny_disk: Path) -> None:
    (tiny_disk / "undo").mkdir(mode=0o700)
    subprocess.run(["mount", "-o", "remount,ro", str(tiny_disk)], check=True)
    runner = victim(REFUSED.format(fault="toxics.add_latency('web-http', 40)"))
    runner.is_in()
    assert scene.looks() == scene.before


def test_a_file_that_may_not_grow(scene: Any, victim: Callable[..., Any]) -> None:
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (400, 400))"
    runner = victim(limit + _flat(REFUSED.format(fault="toxics.add_latency('web-http', 40)")))
    runner.is_in()
    assert scene.looks() == scene.before


def _flat(code: str) -> str:
    import textwrap

    return "\n" + textwrap.dedent(code)


def _fill(place: Path) -> None:
    with (place / "filler").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            return


def test_a_state_folder_that_vanishes_leaves_nothing_behind(
    scene: Any, victim: Callable[..., Any], own_folders: Path
) -> None:
    one = victim("toxics.add_latency('web-http', 40); proxies.down('orders-postgresql')")
    one.is_in()
    shutil.rmtree(own_folders / "state" / "undo")
    one.ends()
    scene.is_clean_soon()
