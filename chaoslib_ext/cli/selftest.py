"""`chaos selftest`: end runs at every step, on this machine, and see that nothing is ever left behind."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from chaoslib_ext.errors import BadInput, SelftestError

from ._errors import ExtCommand
from ._say import say, say_json
from ._selftest_words import Words, print_summary, say_cases

if TYPE_CHECKING:
    from chaoslib_ext.selftest.choose import Extent
    from chaoslib_ext.selftest.course import Course
    from chaoslib_ext.selftest.summary import Summary

__all__ = ["selftest"]

_KILLS = {"quick": 3, "usual": 30, "full": 1000}


@click.command(cls=ExtCommand)
@click.option("--quick", "extent", flag_value="quick", help="A few points of each kind, in under a minute.")
@click.option("--full", "extent", flag_value="full", help="Every point with every ending, and 1,000 random kills.")
@click.option("--kills", type=click.IntRange(min=0), metavar="N", help="How many kills at random moments. [usual: 30]")
@click.option("--seed", metavar="S", help="Draw what is random from this; it is printed each time.")
@click.option("--engine", type=click.Choice(["embedded", "go"]), default="embedded", show_default=True,
              help="On the server of this package, or on the original one, if it is installed.")  # fmt: skip
@click.option("--only", default="", metavar="TEXT",
              help="Only cases whose id holds this: guest, watchdog, undo/log.py, SIGTERM.")  # fmt: skip
@click.option("--case", "case", metavar="ID", help="Do one case again, as a failure prints it.")
@click.option("--list", "only_list", is_flag=True, help="Find the points and print them; end nothing.")
@click.option("--within", default="2s", show_default=True, metavar="TIME", help="How soon nothing may be left.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Runs at once. [one more than processors]")
@click.option("--keep", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER",
              help="Keep there what the runs wrote that left something.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def selftest(
    extent: Literal["quick", "full"] | None,
    kills: int | None,
    seed: str | None,
    engine: str,
    only: str,
    case: str | None,
    only_list: bool,
    within: str,
    jobs: int | None,
    keep: Path | None,
    as_json: bool,
) -> None:
    """End runs at every step, and see that nothing is left.

    Small runs of its own are traced: each fsync, rename, request and signal handler is a point. Then one run after the
    other is ended just before or after one of them, by SIGKILL, SIGTERM, SIGHUP or two Ctrl-C, alone or with its
    watchdog; others meet a full disk, a server that hangs or dies, a clock that jumps, a watchdog that is stopped, or
    get no more threads. After each: is any fault left, is anything of somebody else changed, are undo log and record
    whole?

    It needs no privileges and touches nothing of yours: servers, proxies, state and journal are its own, in a
    temporary folder that is gone afterwards, after Ctrl-C too. Without --quick or --full it takes some minutes.

    \b
    Example:
      chaos selftest --quick
      chaos selftest --kills 100 --seed 7f3a
      chaos selftest --full --only undo/log.py
      chaos selftest --full --engine go --json > selftest.json

    Exit code: 0 nothing was left, 1 something was (what, where, and how to do it again is printed), 2 typed wrong.
    """
    from chaoslib_ext.clock import new_id

    seed = seed or new_id()
    kept = _made(keep)
    with _stoppable(), _course(engine, jobs, within, kept) as course, say_cases(seed, as_json) as words:
        if only_list:
            _list(course, as_json)
            return
        found = _one(course, case) if case is not None else _whole(course, extent or "usual", seed, kills, only, words)
    if as_json:
        say_json({"schema_version": 1, "seed": seed, "engine": engine, **found.as_json()})
    else:
        print_summary(found, seed)
        if kept and not found.is_clean:
            say(f"What those runs wrote is kept in {kept}.")
    if not found.is_clean:
        raise click.exceptions.Exit(1)


def _whole(course: "Course", extent: "Extent", seed: str, kills: int | None, only: str, words: Words) -> "Summary":
    from chaoslib_ext.selftest.whole import whole

    count = _KILLS[extent] if kills is None else kills
    return whole(course, extent, seed, count, only=only, on_cases=words.cases, on_outcome=words.outcome)


def _course(engine: str, jobs: int | None, within: str, keep: Path | None) -> "Course":
    from chaoslib_ext.model import parse_duration
    from chaoslib_ext.selftest.course import Course

    if not Path("/proc/self/task").is_dir():
        raise BadInput("chaos selftest follows processes by /proc, which this system does not have; run it on Linux")
    try:
        seconds = parse_duration(within)
    except ValueError as error:
        raise BadInput(f"--within: {error}") from None
    return Course(engine, jobs=jobs or min(8, (os.cpu_count() or 1) + 1), within=seconds, keep=keep)


def _made(keep: Path | None) -> Path | None:
    if keep is None:
        return None
    try:
        keep.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"--keep: cannot make the folder {keep}: {error.strerror}") from error
    return keep


def _one(course: "Course", id: str) -> "Summary":
    from chaoslib_ext.selftest.case import case_of
    from chaoslib_ext.selftest.summary import Summary
    from chaoslib_ext.selftest.whole import carried_out

    case = case_of(id)
    done = carried_out(course, [case], span=_span(course) if case.kill else 1.0)
    if case.point and not (done[0].was_reached or done[0].left):
        raise SelftestError(
            "the run did not come by that point, so nothing was proved; `chaos selftest --list` prints those it comes "
            f"by. Its last words: {done[0].said or 'none'}"
        )
    return Summary(done)


def _span(course: "Course") -> float:
    """How long a run takes here, so that a random kill falls where it fell."""
    from chaoslib_ext.selftest.case import Case
    from chaoslib_ext.selftest.scenarios import RUN
    from chaoslib_ext.selftest.whole import carried_out, traced

    return max(point.seconds for point in traced(carried_out(course, [Case(RUN)]))[RUN])


def _list(course: "Course", as_json: bool) -> None:
    from chaoslib_ext.selftest.choose import traces
    from chaoslib_ext.selftest.whole import carried_out, traced

    found = traced(carried_out(course, traces("full")))
    names = {
        scenario.name: [point.name("before").rpartition(" ")[0] for point in found[scenario]] for scenario in found
    }
    if as_json:
        say_json({"schema_version": 1, "points": names})
        return
    for scenario, points in names.items():
        for name in points:
            say(f"{scenario}: {name}")


@contextmanager
def _stoppable() -> Iterator[None]:
    """Let SIGTERM and SIGHUP clean up as Ctrl-C does, once; what comes while it is at that is not heard.

    Also where a script started us with some of them ignored: our victims would inherit that, and not hear them either.
    """
    ending = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def stop(number: int, _: object) -> None:
        for one in ending:
            signal.signal(one, signal.SIG_IGN)
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, stop) for number in ending}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
