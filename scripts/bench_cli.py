"""What our package costs a host's call: CPU time of `chaos --version`, with and without it, in separate environments.

Prints both medians and their ratio; ends with 1 when the ratio passes LIMIT.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from fresh_env import fresh_env

LIMIT = 1.10


def cpu_seconds(python: Path, folder: str) -> float:
    """User and system time of one `chaos --version`, in seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    chaos = [str(python.parent / "chaos"), "--version"]
    subprocess.run(chaos, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def built_wheel(folder: str) -> Path:
    """Our wheel, built now."""
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--quiet", "--outdir", folder]
    subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
    return next(Path(folder).glob("*.whl"))


def medians(runs: int) -> tuple[float, float]:
    """CPU seconds of `chaos --version` without and with us, measured in turns: a busy machine is equally unkind."""
    os.environ.pop("PYTHONPATH", None)
    with tempfile.TemporaryDirectory() as folder:
        without = fresh_env(Path(folder) / "without")
        ours = fresh_env(Path(folder) / "with", built_wheel(folder))
        for python in (without, ours):
            cpu_seconds(python, folder)  # writes the byte code
        pairs = [(cpu_seconds(without, folder), cpu_seconds(ours, folder)) for _ in range(runs)]
    host, both = (statistics.median(column) for column in zip(*pairs, strict=True))
    return host, both


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="scripts/bench cli", description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    runs = parser.parse_args().runs
    host, both = medians(runs)
    print(f"chaos --version, CPU, median of {runs}: {host:.3f} s without, {both:.3f} s with chaostoolkit-ext")
    print(f"ratio {both / host:.3f} (limit {LIMIT})")
    return int(both / host > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
