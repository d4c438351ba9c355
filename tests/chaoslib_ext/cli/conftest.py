"""The real `chaos` command, in a process of its own, with nothing of the person who runs the tests."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

CHAOS = str(Path(sys.executable).with_name("chaos"))
Ran = subprocess.CompletedProcess[str]


@pytest.fixture
def chaos(tmp_path: Path) -> Callable[..., Ran]:
    """chaos("proxy", "list") -> the ended process, its output as text."""

    def run(*arguments: str, **more: str) -> Ran:
        environment = {**os.environ, **more}
        return subprocess.run(
            [CHAOS, "--no-version-check", *arguments],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


@pytest.fixture
def on(chaos: Callable[..., Ran], toxiproxy: str) -> Callable[..., Ran]:
    """on("list") -> `chaos proxy list` on the server under test."""
    return lambda *arguments, **more: chaos("proxy", *arguments, TOXIPROXY_URL=toxiproxy, **more)


@pytest.fixture
def waited_for() -> Callable[..., None]:
    """waited_for(is_so): until it is, or fail after a minute."""

    def wait(is_so: Callable[[], object]) -> None:
        deadline = time.monotonic() + 60
        while not is_so():
            assert time.monotonic() < deadline, "it never happened"
            time.sleep(0.02)

    return wait


@pytest.fixture
def service() -> Iterator[str]:
    """Something that listens."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def links(chaos: Callable[..., Ran], toxiproxy: str, tmp_path: Path) -> Callable[..., Ran]:
    """links("list") -> `chaos link list` on the server under test, in an empty folder."""
    (tmp_path / "state").mkdir()
    return lambda *words, **more: chaos(
        "link",
        *words,
        **{
            "TOXIPROXY_URL": toxiproxy,
            "CHAOS_STATE_DIR": str(tmp_path / "state"),
            "CHAOS_LINKS": str(tmp_path / "links.yaml"),
        }
        | more,
    )
