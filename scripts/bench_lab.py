"""How long the lab takes: from `chaos lab up` until it says so, until the shop's first page, and down again.

A lab of its own on free ports, taken down after. The yardstick is one `chaos --version` beside it, so that the ratio
means the same on a slow machine. Prints JSON with --json.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

CHAOS = [str(Path(sys.executable).with_name("chaos")), "--no-version-check", "--no-log-file"]


@contextmanager
def lab_folder() -> Iterator[dict[str, str]]:
    """The environment of a lab of our own; whatever happens, nothing of it stays."""
    with tempfile.TemporaryDirectory() as folder:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("CHAOS_", "TOXIPROXY"))}
        env = {**kept, "CHAOS_STATE_DIR": f"{folder}/state", "CHAOS_JOURNAL_DIR": f"{folder}/journal"}
        env |= {"CHAOS_LAB_PORTS": "free", "HOME": folder}
        try:
            yield env
        finally:
            subprocess.run([*CHAOS, "lab", "purge"], env=env, cwd=folder, stdout=subprocess.DEVNULL, check=False)


def seconds(work: Callable[[], object]) -> float:
    """How long it takes, on a clock that never goes back."""
    start = time.monotonic()
    work()
    return time.monotonic() - start


def chaos(env: dict[str, str], *words: str) -> str:
    """Run it; raises when it fails."""
    command = [*CHAOS, *words]
    return subprocess.run(command, env=env, cwd=env["HOME"], check=True, stdout=subprocess.PIPE, text=True).stdout


def first_page(env: dict[str, str]) -> None:
    """The shop's page, through its door."""
    door = next(
        link for link in json.loads(chaos(env, "lab", "status", "--json"))["links"] if link["name"] == "storefront"
    )
    with urllib.request.urlopen(f"http://{door['listen']}/", timeout=30) as answer:
        answer.read()


def measured(rounds: int) -> dict[str, float]:
    """Medians in seconds, of a lab that was never there before."""
    found: dict[str, list[float]] = {name: [] for name in ("yardstick", "up", "first page", "down")}
    for _ in range(rounds):
        with lab_folder() as env:
            found["yardstick"].append(seconds(lambda env=env: chaos(env, "--version")))
            found["up"].append(seconds(lambda env=env: chaos(env, "lab", "up")))
            found["first page"].append(seconds(lambda env=env: first_page(env)))
            found["down"].append(seconds(lambda env=env: chaos(env, "lab", "down")))
    return {name: statistics.median(values) for name, values in found.items()}


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="scripts/bench lab", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    found = measured(chosen.rounds)
    if chosen.json:
        print(json.dumps({"rounds": chosen.rounds, "seconds": found}, indent=2))
    else:
        for name, value in found.items():
            print(f"{name:12}{value:7.2f} s   {value / found['yardstick']:6.1f} x one `chaos --version`")
    return 0


if __name__ == "__main__":
    sys.exit(main())
