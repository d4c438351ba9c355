"""`scripts/demo`: the story of a newcomer's first two minutes, told from beginning to end, and cut short."""

import os
import signal
import subprocess
from pathlib import Path

import psutil
import pytest

DEMO = Path(__file__).parents[2] / "scripts" / "demo"


def bare(home: Path) -> dict[str, str]:
    """An environment with nothing in it but what every shell has."""
    return {"HOME": str(home), "PATH": os.environ["PATH"], "CHAOS_JOURNAL_DIR": str(home / "journal")}


def of_this_lab(home: Path) -> list[psutil.Process]:
    mark = str(home / ".local/state/chaostoolkit-ext/demo/lab")
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("CHAOS_LAB") == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def test_the_demo_ends_as_promised_from_any_folder_and_leaves_only_its_records(tmp_path: Path) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    home.mkdir()
    elsewhere.mkdir()
    demo = subprocess.run([DEMO], cwd=elsewhere, env=bare(home), capture_output=True, text=True, timeout=110)
    assert demo.returncode == 0, demo.stdout + demo.stderr
    story = ("Lab up", "DEVIATED", "chaos lab harden payment-timeout", "HELD", "As promised")
    told = [demo.stdout.find(word) for word in story]
    assert -1 not in told and told == sorted(told), demo.stdout
    assert demo.stderr == ""
    pages = list(home.glob("journal/runs/*/summary.html"))
    assert len(pages) == 2
    for page in pages:
        assert "<html" in page.read_text().lower()
        assert str(page) in demo.stdout
    assert len(list(home.glob("journal/runs/*/events.jsonl"))) == 2
    assert list(elsewhere.iterdir()) == []
    assert of_this_lab(home) == []
    assert not (home / ".local/state/chaostoolkit-ext/demo/lab").exists()


@pytest.mark.full
def test_ctrl_c_in_the_middle_of_the_fault_takes_everything_down(tmp_path: Path) -> None:
    demo = subprocess.Popen(
        [DEMO], cwd=tmp_path, env=bare(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    )  # fmt: skip
    assert demo.stdout
    for line in demo.stdout:
        if " fault " in line:
            break
    os.killpg(demo.pid, signal.SIGINT)
    rest = demo.communicate(timeout=60)[0]
    assert demo.returncode == 130, rest
    assert "verified" in rest
    assert of_this_lab(tmp_path) == []
