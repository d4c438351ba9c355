"""What safety costs, and how fast it is: from a kill to a clean server, the door beside the bare call, durable events.

scripts/bench safety           # about a minute; --quick: twenty seconds, rough; --json: as data

Kills are SIGKILL of a real process with two toxics and a proxy that is down, on our server, timed until a client sees
the server as it was before. The door is timed with a noop, which nothing is measured for on its link, in turns with the
bare call of the API; what starts the watchdog is timed apart. Events are appended by threads of one process.
"""

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

RUNNER = """
import sys
from actions import proxies, toxics
toxics.add("web", "noop")
toxics.add("db", "noop")
proxies.down("db")
print("in", flush=True)
sys.stdin.read()
"""
WRITERS = (1, 4, 16)


@contextmanager
def a_server() -> Iterator[Any]:
    """Our server with the proxies web and db, and folders of our own; nothing of it stays."""
    folder = tempfile.mkdtemp(prefix="bench-safety-")
    os.environ |= {"CHAOS_STATE_DIR": f"{folder}/state", "CHAOS_JOURNAL_DIR": f"{folder}/journal"}
    from chaoslib_ext.proxy.client import Client
    from chaoslib_ext.proxy.detached import start_detached

    serving = start_detached(log=Path(folder) / "server.log")
    os.environ["TOXIPROXY_URL"] = serving.url
    try:
        client = Client(serving.url)
        for name in ("web", "db"):
            client.create(name, "127.0.0.1:1")
        yield client
    finally:
        psutil.Process(serving.pid).kill()
        shutil.rmtree(folder, ignore_errors=True)


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    start = time.monotonic()
    work()
    return time.monotonic() - start


def share(values: list[float], part: float) -> float:
    """The smallest value that `part` of them do not exceed, in ms."""
    return sorted(values)[min(len(values) - 1, int(len(values) * part))] * 1000


def kill_to_clean(client: Any, times: int) -> dict[str, float]:
    """From SIGKILL until the server shows nothing of the run: p50, p99 and the longest, in ms."""
    before = looks(client)
    took = []
    for _ in range(times):
        runner = subprocess.Popen(
            [sys.executable, "-c", RUNNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert runner.stdout
        runner.stdout.readline()
        assert looks(client) != before
        runner.send_signal(signal.SIGKILL)
        took.append(seconds(lambda: until(lambda: looks(client) == before)))
        runner.communicate()
    return {"p50": share(took, 0.5), "p99": share(took, 0.99), "max": max(took) * 1000, "kills": times}


def looks(client: Any) -> Any:
    """All that the server shows."""
    return {name: proxy.as_json() for name, proxy in client.proxies().items()}


def until(is_so: Callable[[], bool]) -> None:
    """Ask until it is; raises after half a minute."""
    deadline = time.monotonic() + 30
    while not is_so():
        if time.monotonic() > deadline:
            raise SystemExit("left behind after 30 s")
        time.sleep(0.002)


def door(client: Any, turns: int) -> dict[str, float]:
    """Medians in ms: the bare call, a fault through the door (the run's first on a link, and later ones), its undo."""
    from chaoslib_ext.faults.inject import inject
    from chaoslib_ext.faults.run import begin, current, end_current
    from chaoslib_ext.faults.toxic import Toxic

    fault = Toxic(proxy="web", type="noop")
    starts = []
    for _ in range(5):
        starts.append(seconds(lambda: begin().arm()))
        end_current()
    found: dict[str, list[float]] = {name: [] for name in ("bare", "bare removal", "first", "later", "undo")}
    inject(fault)
    current().undo_all("hand")
    for _ in range(turns):
        found["bare"].append(seconds(lambda: client.add_toxic("web", "noop", name="bare")))
        found["bare removal"].append(seconds(lambda: client.remove_toxic("web", "bare")))
        found["first"].append(seconds(lambda: inject(fault)))
        found["later"].append(seconds(lambda: inject(fault)))
        last = current().log.read().open[-1].id
        found["undo"].append(seconds(lambda id=last: current().undo([id], "hand")))
        current().undo_all("hand")
        if len(current().log.read().intents) > 150:  # as long as a log of a long run gets
            end_current()
            inject(fault)
            current().undo_all("hand")
    end_current()
    medians = {name: statistics.median(values) * 1000 for name, values in found.items()}
    return {**medians, "watchdog": statistics.median(starts) * 1000}


def fsync(times: int) -> float:
    """One line appended and synced by itself, in ms (median): what the disk takes."""
    with tempfile.NamedTemporaryFile(dir=os.environ["CHAOS_STATE_DIR"]) as file:

        def line() -> None:
            os.write(file.fileno(), b"x" * 400)
            os.fsync(file.fileno())

        return statistics.median(seconds(line) for _ in range(times)) * 1000


def events(writers: int, length: float) -> float:
    """Events a second of one record, each acknowledged only once it is on the disk."""
    from chaoslib_ext.record.record import Record

    record = Record.create("bench")
    stop = time.monotonic() + length
    counts = [0] * writers

    def write(number: int) -> None:
        while time.monotonic() < stop:
            record.append("activity.completed", {"n": counts[number], "output": "x" * 100})
            counts[number] += 1

    threads = [threading.Thread(target=write, args=(number,)) for number in range(writers)]
    took = seconds(lambda: ([one.start() for one in threads], [one.join() for one in threads]))
    record.close()
    return sum(counts) / took


def measured(quick: bool) -> list[tuple[str, float, str, float | None]]:
    """Figure, value, unit, and what it may be at most (or, for rates, must be at least)."""
    with a_server() as client:
        kills = kill_to_clean(client, 8 if quick else 60)
        at_door = door(client, 20 if quick else 200)
        disk = fsync(50 if quick else 500)
        rates = {count: events(count, 0.5 if quick else 4.0) for count in WRITERS}
    return [
        ("SIGKILL to a clean server, p50", kills["p50"], "ms", None),
        (f"SIGKILL to a clean server, p99 of {kills['kills']:.0f}", kills["p99"], "ms", 2000.0),
        ("bare call: add a toxic", at_door["bare"], "ms", None),
        ("door, beyond the bare call: later faults on a link", at_door["later"] - at_door["bare"], "ms", 5.0),
        ("door, beyond the bare call: a run's first on a link", at_door["first"] - at_door["bare"], "ms", 5.0),
        ("undo and its reading back, beyond the bare call", at_door["undo"] - at_door["bare removal"], "ms", None),
        ("start of the watchdog, once a run", at_door["watchdog"], "ms", None),
        ("one line written and synced, bare", disk, "ms", None),
        *((f"durable events, {count} at once", rates[count], "/s", 2000.0) for count in WRITERS),
    ]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench safety", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="twenty seconds, rough")
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args()
    rows = measured(given.quick)
    if given.json:
        names = ("figure", "value", "unit", "wanted")
        print(json.dumps([dict(zip(names, row, strict=True)) for row in rows], indent=2))
        return 0
    print("| figure | measured | wanted |\n|---|---|---|")
    for figure, value, unit, wanted in rows:
        bound = "" if wanted is None else f"{'at least' if unit == '/s' else 'at most'} {wanted:,.0f} {unit}"
        print(f"| {figure} | {value:,.1f} {unit} | {bound} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
