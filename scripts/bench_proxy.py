"""The embedded proxy beside the real Toxiproxy and no proxy at all, in turns, on this machine, right now.

scripts/bench proxy            # under three minutes
scripts/bench proxy --quick    # rough, about twenty seconds
scripts/bench proxy --json     # the same as data

Each figure is the median over the rounds; the last column is embedded / real. What is measured against shares the
cores with the load (see tcp_load.py), so compare within one run, never between machines.
"""

import argparse
import gc
import json
import os
import resource
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from tcp_load import (
    Route,
    connect_rate,
    delay_errors,
    idle,
    listener,
    round_trip_rate,
    round_trip_times,
    throughput,
)

ROOT = Path(__file__).parents[1]
ENGINES = ["direct", "real", "embedded"]
IDLE = 1000
DELAY = 0.1


@dataclass(frozen=True)
class Figure:
    """A line of the result: what it is called, its unit, and whether more is better (None: neither)."""

    name: str
    unit: str
    more_is_better: bool | None = True


RATES: dict[Figure, Callable[[Route, float], float]] = {
    Figure("round trips, 1 connection", "/s"): lambda route, share: round_trip_rate(route, 1, share),
    Figure("round trips, 16 connections", "/s"): lambda route, share: round_trip_rate(route, 16, share),
    Figure("round trips, 256 connections", "/s"): lambda route, share: round_trip_rate(route, 256, share),
    Figure("throughput, 1 stream", "MB/s"): lambda route, share: throughput(route, 1, share),
    Figure("throughput, 8 streams", "MB/s"): lambda route, share: throughput(route, 8, share),
    Figure("connects, 8 at once", "/s"): lambda route, share: connect_rate(route, share),
}
ADDED = {0.50: Figure("added latency p50", "us", False), 0.99: Figure("added latency p99", "us", False)}
ERRORS = {
    0.50: Figure("error of latency=100 ms, p50", "ms", False),
    0.99: Figure("error of latency=100 ms, p99", "ms", False),
    0.0: Figure("error of latency=100 ms, least (below 0: early)", "ms", None),
}
MEMORY = Figure(f"memory per idle connection ({IDLE:,} of them)", "KiB", False)
TOTAL = Figure(f"memory in all with {IDLE:,} idle", "MiB", False)
Samples = dict[tuple[Figure, str], list[float]]


class Server:
    """A proxy server of the bench's own, with one proxy."""

    def __init__(self, engine: str, stack: ExitStack) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [*command(engine), "--port", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # the original says a line for each connection; a disk is not what we measure
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
        )
        stack.callback(self.stop)
        self.memory = psutil.Process(self.process.pid).memory_info
        upstream = stack.enter_context(listener())
        body = {"name": "bench", "listen": "127.0.0.1:0", "upstream": f"127.0.0.1:{upstream.getsockname()[1]}"}
        self.route = Route(int(self.ask("POST", "/proxies", body)["listen"].rpartition(":")[2]), upstream)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """A call of the API; waits for the server to come up."""
        data = json.dumps(body).encode() if body is not None else None
        deadline = time.monotonic() + 15
        while True:
            try:
                request = urllib.request.Request(self.url + path, data, method=method)
                with urllib.request.urlopen(request, timeout=10) as reply:
                    return json.loads(reply.read() or b"null")
            except urllib.error.HTTPError:
                raise
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise
                time.sleep(0.02)

    def stop(self) -> None:
        """End it, surely."""
        self.process.kill()
        self.process.wait(10)


def free_port() -> int:
    """A port nobody has, a moment ago."""
    with listener() as sock:
        return int(sock.getsockname()[1])


def command(engine: str) -> list[str]:
    """How each server is started; both with their defaults."""
    if engine == "embedded":
        return [sys.executable, "-m", "chaoslib_ext.proxy.serve"]
    built = subprocess.run([str(ROOT / "scripts" / "toxiproxy-go")], stdout=subprocess.PIPE, text=True, check=True)
    return [str(Path(built.stdout.strip()) / "toxiproxy-server")]


def percentile(values: list[float], share: float) -> float:
    """The nearest rank; share 0 is the least."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def round_of(routes: dict[str, Route], share: float, order: list[str], samples: Samples) -> None:
    """Every rate once on every route, in this order; and how long a round trip takes beside the direct one."""
    for figure, measure in RATES.items():
        for engine in order:
            samples.setdefault((figure, engine), []).append(measure(routes[engine], share))
    times = {engine: round_trip_times(routes[engine], share) for engine in order}
    for point, figure in ADDED.items():
        for engine in order:
            beside = percentile(times[engine], point) - percentile(times["direct"], point)
            samples.setdefault((figure, engine), []).append(beside * 1e6)


def delays(servers: dict[str, Server], each: int, samples: Samples) -> None:
    """The error of a latency toxic of 100 ms, with 8 connections."""
    toxic = {"type": "latency", "name": "bench", "attributes": {"latency": int(DELAY * 1000)}}
    for engine, server in servers.items():
        server.ask("POST", "/proxies/bench/toxics", toxic)
        errors = delay_errors(server.route, DELAY, 8, each)
        server.ask("DELETE", "/proxies/bench/toxics/bench")
        for point, figure in ERRORS.items():
            samples.setdefault((figure, engine), []).append(percentile(errors, point) * 1000)


def memory(engines: list[str], samples: Samples) -> None:
    """What a fresh server grows by for each connection that only stands there."""
    for engine in engines:
        with ExitStack() as stack:
            server = Server(engine, stack)
            with idle(server.route, 10):
                before = server.memory().rss
            with idle(server.route, IDLE):
                after = server.memory().rss
            samples[MEMORY, engine] = [(after - before) / 1024 / (IDLE - 10)]
            samples[TOTAL, engine] = [after / 1024 / 1024]


@contextmanager
def quiet() -> Iterator[None]:
    """No garbage collection of ours in the middle of a figure, and files enough for every connection."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    gc.disable()
    yield
    gc.enable()


def measure(engines: list[str], rounds: int, share: float, each: int, tell: Callable[[str], None]) -> Samples:
    """All figures of all engines."""
    samples: Samples = {}
    with ExitStack() as stack, quiet():
        servers = {engine: Server(engine, stack) for engine in engines if engine != "direct"}
        straight = stack.enter_context(listener())
        routes = {"direct": Route(straight.getsockname()[1], straight)}
        routes |= {engine: server.route for engine, server in servers.items()}
        for number in range(rounds):
            tell(f"round {number + 1} of {rounds}")
            turned = [engines[(number + place) % len(engines)] for place in range(len(engines))]
            round_of(routes, share, turned, samples)
            delays(servers, each, samples)
        tell(f"{IDLE:,} idle connections")
        memory(list(servers), samples)
    return samples


def table(samples: Samples, engines: list[str]) -> list[dict[str, Any]]:
    """One row a figure: its medians, and embedded / real with whether that is ahead."""
    rows = []
    for figure in dict.fromkeys(figure for figure, _ in samples):
        row: dict[str, Any] = {"figure": figure.name, "unit": figure.unit, "more_is_better": figure.more_is_better}
        for engine in engines:
            if found := samples.get((figure, engine)):
                row[engine] = statistics.median(found)
        if figure.name.startswith("added") and "direct" in row:
            del row["direct"]  # nought, by definition
        if row.get("real") and "embedded" in row and figure.more_is_better is not None:
            row["ratio"] = row["embedded"] / row["real"]
            row["ahead"] = (row["ratio"] > 1) == figure.more_is_better
        rows.append(row)
    return rows


def show(rows: list[dict[str, Any]], engines: list[str]) -> None:
    """The table for people."""
    print(f"{'':60}" + "".join(f"{engine:>11}" for engine in engines) + f"{'ratio':>8}")
    for row in rows:
        cells = "".join(f"{number(row.get(engine)):>11}" for engine in engines)
        ratio = f"{'x' + format(row['ratio'], '.2f'):>8}" if "ratio" in row else ""
        verdict = "" if "ahead" not in row else "  ahead" if row["ahead"] else "  behind"
        wanted = ", less is better" if row["more_is_better"] is False else ""
        print(f"{row['figure'] + ' [' + row['unit'] + wanted + ']':60}{cells}{ratio}{verdict}")


def number(value: float | None) -> str:
    """Three figures that matter."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench proxy", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="one short round: rough")
    parser.add_argument("--json", action="store_true", help="print data instead of a table")
    parser.add_argument("--rounds", type=int, default=3, help="turns of everything (3)")
    chosen = parser.parse_args()
    engines = list(ENGINES)
    try:
        command("real")
    except subprocess.CalledProcessError:
        engines.remove("real")
    started, load = time.monotonic(), os.getloadavg()[0]
    rounds, share, each = (1, 0.4, 8) if chosen.quick else (chosen.rounds, 1.0, 25)
    samples = measure(engines, rounds, share, each, lambda words: print(words, file=sys.stderr))
    rows = table(samples, engines)
    if chosen.json:
        print(
            json.dumps(
                {"cores": os.cpu_count(), "rounds": rounds, "load_average_before": load, "figures": rows}, indent=2
            )
        )
    else:
        show(rows, engines)
        print(f"{rounds} rounds, {time.monotonic() - started:.0f} s, {os.cpu_count()} cores shared with the load")
        if load > 0.5:
            print(
                f"The machine was not quiet when this began (load average {load:.1f}): do not trust small differences."
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
