"""Are the requirements on speed met? Each is a ratio between two things measured in this one run.

So a slow or busy machine is equally unkind to both. Prints a small table; ends with 1 when one is missed. Takes less
than a minute.

scripts/bench check            # all of them
scripts/bench check --json     # the same as data
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import bench_cli
import bench_lab
import psutil
from bench_lab import seconds

TURNS = 60
TYPED_RUNS = 7

DOOR = 16.0
"""Six calls of the API (version, proxies twice, the toxic, its reading), two locks and one fsync, beside one call."""
UNDO = 8.0
"""Two calls, a lock and one fsync, beside one call."""
LAB_UP = 25.0
FIRST_PAGE = 5.0


@dataclass(frozen=True)
class Requirement:
    """One line of the table."""

    requirement: str
    measured: float
    limit: float

    @property
    def ok(self) -> bool:
        """Is it met?"""
        return self.measured <= self.limit


def typed() -> list[Requirement]:
    """What the package costs a host's call that does not need it."""
    host, both = bench_cli.medians(TYPED_RUNS)
    return [Requirement("`chaos --version` with us / without (CPU)", both / host, bench_cli.LIMIT)]


def faults() -> list[Requirement]:
    """The door and the way back beside the bare call of the server's API, a noop each, in turns."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"CHAOS_STATE_DIR": f"{folder}/state", "CHAOS_JOURNAL_DIR": f"{folder}/journal"}
        from chaoslib_ext.faults.run import end_current
        from chaoslib_ext.proxy.detached import start_detached

        serving = start_detached(log=Path(folder) / "server.log")
        try:
            os.environ["TOXIPROXY_URL"] = serving.url
            return _at_the_door(serving.url)
        finally:
            end_current()
            psutil.Process(serving.pid).kill()


def _at_the_door(url: str) -> list[Requirement]:
    from chaoslib_ext.faults.inject import inject
    from chaoslib_ext.faults.run import current
    from chaoslib_ext.faults.toxic import Toxic
    from chaoslib_ext.proxy.client import Client

    client = Client(url)
    client.create("web", "127.0.0.1:1")
    fault = Toxic(proxy="web", type="noop")
    inject(fault)  # the watchdog's start is not the door's cost
    current().undo_all("hand")

    def bare() -> None:
        client.add_toxic("web", "noop", name="bare")

    pairs: list[tuple[Callable[[], object], str]] = [
        (bare, "add"),
        (lambda: client.remove_toxic("web", "bare"), "remove"),
        (lambda: inject(fault), "inject"),
        (lambda: current().undo_all("hand"), "undo"),
    ]
    found: dict[str, list[float]] = {name: [] for _, name in pairs}
    for _ in range(TURNS):
        for work, name in pairs:
            found[name].append(seconds(work))
    of = {name: statistics.median(values) for name, values in found.items()}
    return [
        Requirement("a fault through the door / the bare call (median)", of["inject"] / of["add"], DOOR),
        Requirement("undone and read back / the bare call (median)", of["undo"] / of["remove"], UNDO),
    ]


def lab() -> list[Requirement]:
    """The lab beside the start of one command."""
    found = bench_lab.measured(1)
    beside = found["yardstick"]
    return [
        Requirement("`chaos lab up`, for the first time / `chaos --version`", found["up"] / beside, LAB_UP),
        Requirement(
            "`lab status` and the shop's first page / `chaos --version`", found["first page"] / beside, FIRST_PAGE
        ),
    ]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench check", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print data instead of a table")
    chosen = parser.parse_args()
    rows = [*typed(), *faults(), *lab()]
    if chosen.json:
        print(json.dumps([{**asdict(row), "ok": row.ok} for row in rows], indent=2))
    else:
        print(f"{'requirement':62}{'measured':>9}{'limit':>7}")
        for row in rows:
            print(f"{row.requirement:62}{row.measured:9.2f}{row.limit:7.2f}  {'ok' if row.ok else 'MISSED'}")
    return int(not all(row.ok for row in rows))


if __name__ == "__main__":
    sys.exit(main())
