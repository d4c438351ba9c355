"""`chaos link check` says what is wrong and makes what is missing."""

import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

from chaoslib_ext.links.file import Link, written

Ran = subprocess.CompletedProcess[str]


def test_it_creates_what_is_missing_and_reaches_it(chaos: Callable[..., Ran], toxiproxy: str, tmp_path: Path) -> None:
    more = {"TOXIPROXY_URL": toxiproxy, "CHAOS_STATE_DIR": str(tmp_path), "CHAOS_LINKS": str(tmp_path / "l.yaml")}
    with socket.create_server(("127.0.0.1", 0), backlog=50) as server:
        there = f"127.0.0.1:{server.getsockname()[1]}"
        with socket.create_server(("127.0.0.1", 0)) as free:
            listen = f"127.0.0.1:{free.getsockname()[1]}"
        written(tmp_path / "l.yaml", [Link("web", listen, there)])
        assert chaos("link", "check", **more).returncode == 1
        ran = chaos("link", "check", "--create", **more)
        assert (ran.returncode, ran.stdout) == (0, "web: well, plain\n")
    ran = chaos("link", "check", **more)
    assert ran.returncode == 1 and "is the service up?" in ran.stdout


def test_without_links_it_says_so(chaos: Callable[..., Ran], toxiproxy: str, tmp_path: Path) -> None:
    more = {"TOXIPROXY_URL": toxiproxy, "CHAOS_STATE_DIR": str(tmp_path), "CHAOS_LINKS": str(tmp_path / "l.yaml")}
    ran = chaos("link", "check", **more)
    assert (ran.returncode, ran.stdout) == (0, "") and "No links in" in ran.stderr
