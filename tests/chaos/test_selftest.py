"""What `chaos selftest` proves, as part of the tests: every place is visited, and no kill leaves anything behind."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from chaoslib_ext.clock import new_id
from chaoslib_ext.selftest import choose, sites
from chaoslib_ext.selftest.case import Outcome
from chaoslib_ext.selftest.choose import Traced
from chaoslib_ext.selftest.course import Course
from chaoslib_ext.selftest.point import Point
from chaoslib_ext.selftest.scenarios import RUN
from chaoslib_ext.selftest.whole import carried_out, traced

pytestmark = pytest.mark.timeout(600)

SEED = os.environ.get("CHAOS_TEST_SEED") or new_id()
WITHIN = 20.0
"""Seconds; how soon all is clean is measured by `scripts/bench safety`, not here, where other tests run beside."""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    kept = tmp_path_factory.mktemp("kept", numbered=True)
    with Course(jobs=2, within=WITHIN, keep=kept) as it:
        print(f"what left something is kept in {kept}")
        yield it


@pytest.fixture(scope="module")
def traces(course: Course) -> Traced:
    """The points of every scenario, as they are now."""
    return traced(carried_out(course, choose.traces("full")))


def test_every_place_at_which_a_run_may_be_ended_is_visited(traces: Traced) -> None:
    """A new fsync, rename, request or signal handler needs a run that comes by it, or a reason in `NOT_VISITED`."""
    assert sites.missing(traces) == []


def test_nothing_goes_in_before_its_undo_is_synced(traces: Traced) -> None:
    """What no kill can show, for only a power cut loses what was not synced; the order of the calls shows it."""
    seen = [_unsynced(points) for points in traces.values()]
    assert [early for _, early in seen if early] == []
    assert sum(count for count, _ in seen) > 20, "this test knows what a fault looks like"


def _unsynced(points: Sequence[Point]) -> tuple[int, list[str]]:
    """How many requests put something in, and those of them without a sync of the undo log just before."""
    count, early, is_synced = 0, [], False
    for point in (one for one in points if one.role == "runner"):
        if point.kind == "fsync" and any(site.endswith(":UndoLog.intend") for site in point.chain):
            is_synced = True
        if point.kind == "http" and (point.site.endswith(".apply") or point.site == "proxy/hold.py:take"):
            count += 1
            early += [] if is_synced else [point.name("before")]
            is_synced = False
    return count, early


@pytest.mark.joins("selftest", "actions")
@pytest.mark.joins("selftest", "probes")
@pytest.mark.joins("selftest", "record")
@pytest.mark.joins("selftest", "testing")
@pytest.mark.joins("selftest", "undo")
def test_thirty_kills_at_random_leave_nothing(course: Course, traces: Traced) -> None:
    assert _left(course, traces, choose.kills(SEED, 30)) == []


@pytest.mark.full
@pytest.mark.timeout(5400)
def test_a_thousand_kills_at_random_leave_nothing(course: Course, traces: Traced) -> None:
    assert _left(course, traces, choose.kills(SEED, 1000)) == []


@pytest.mark.full
@pytest.mark.timeout(5400)
def test_no_ending_at_any_place_leaves_anything(course: Course, traces: Traced) -> None:
    assert _left(course, traces, choose.chosen(traces, "usual", SEED, 0)) == []


def _left(course: Course, traces: Traced, cases: list[choose.Case]) -> list[tuple[str, tuple[str, ...]]]:
    print(f"again with: CHAOS_TEST_SEED={SEED}")
    span = max(point.seconds for point in traces[RUN])
    done: tuple[Outcome, ...] = carried_out(course, cases, span=span)
    assert len(done) == len(cases)
    return [(one.repeat, one.left) for one in done if one.left]


def test_nothing_of_it_stays(course: Course) -> None:
    with Course(jobs=1) as other:
        folder = Path(other._folder)
        assert folder.is_dir()
    assert not folder.exists()
