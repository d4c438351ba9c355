"""The whole way of a newcomer: lab up, run, DEVIATED, harden, run, HELD, a summary to read, and nothing left.

scripts/test-wheel runs it too, on the installed wheel, from a folder in which none of our packages lies.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import psutil
import pytest

pytestmark = [
    pytest.mark.timeout(400),
    pytest.mark.joins("cli", "lab", "host"),
    pytest.mark.joins("cli", "record", "reports"),
    pytest.mark.joins("control", "lab", "host"),
]

EXPERIMENTS = Path(__file__).parents[2] / "experiments"
SLOW_PAYMENT = EXPERIMENTS / "does-checkout-survive-a-slow-payment-provider.yaml"
CHAOS = [str(Path(sys.executable).with_name("chaos")), "--no-version-check", "--no-log-file"]


class _Words(HTMLParser):
    """The text of a page, and what it would load from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.loads: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loads += [str(value) for name, value in attrs if name == "src" or (tag == "link" and name == "href")]


@pytest.fixture
def env(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A newcomer's environment: a home of their own, no settings, no lab."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CHAOS_", "TOXIPROXY"))}
    folders = {"CHAOS_STATE_DIR": str(tmp_path / "state"), "CHAOS_JOURNAL_DIR": str(tmp_path / "journal")}
    found = {**kept, **folders, "HOME": str(tmp_path), "CHAOS_LAB_PORTS": "free", "NO_COLOR": "1"}
    yield found
    subprocess.run([*CHAOS, "lab", "purge"], env=found, cwd=tmp_path, capture_output=True, timeout=120, check=False)


def of_the_lab(state: Path) -> list[str]:
    """Processes of this machine that belong to the lab in that state folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("CHAOS_LAB") == str(state / "lab") and process.status() != psutil.STATUS_ZOMBIE:
                found.append(f"{process.name()} ({process.pid})")
        except (psutil.Error, OSError):
            continue  # another user's, or gone
    return found


def test_the_whole_journey(env: dict[str, str], tmp_path: Path) -> None:
    def chaos(*words: str, code: int = 0) -> str:
        done = subprocess.run(
            [*CHAOS, *words], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == code, f"chaos {' '.join(words)}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stdout + done.stderr
        return done.stdout

    chaos("lab", "up")
    assert "DEVIATED" in chaos("run", str(SLOW_PAYMENT), code=1)
    assert chaos("live").startswith("Nothing is on.")
    chaos("lab", "harden", "payment-timeout")
    assert "HELD" in chaos("run", str(SLOW_PAYMENT))

    held, deviated = json.loads(chaos("journal", "list", "--json"))
    assert (held["verdict"], deviated["verdict"]) == ("held", "deviated")
    for run in (held, deviated):
        chaos("journal", "verify", run["id"])
        page = tmp_path / f"{run['id']}.html"
        chaos("journal", "report", run["id"], "-o", str(page))
        read = _Words()
        read.feed(page.read_text())
        said = " ".join(" ".join(read.words).split())
        assert run["verdict"].upper() in said.upper() and run["id"] in said and "slow payment" in said
        assert not [source for source in read.loads if source.startswith(("http", "//"))]

    assert "Nothing to undo" in chaos("undo", "--all")
    assert of_the_lab(tmp_path / "state")
    chaos("lab", "down")
    assert of_the_lab(tmp_path / "state") == []
    assert not (tmp_path / "state" / "lab").exists()
    assert json.loads((tmp_path / "state" / "servers.json").read_text())["servers"] == []
