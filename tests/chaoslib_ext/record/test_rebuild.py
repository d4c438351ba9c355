"""However early a run died, what is rebuilt from its events is a journal of the host."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.clock import FakeClock
from chaoslib_ext.record.events import EventLog
from chaoslib_ext.record.journal import journal_text
from chaoslib_ext.record.read import events, verify
from chaoslib_ext.record.rebuild import journal_of, rebuild, seal
from chaoslib_ext.record.record import EVENTS, JOURNAL, Record

RUN_FIELDS = {"activity", "output", "status", "start", "end", "duration"}
FIELDS = {
    "chaoslib-version": str,
    "platform": str,
    "node": str,
    "experiment": dict,
    "start": str,
    "status": str,
    "deviated": bool,
    "steady_states": dict,
    "run": list,
    "rollbacks": list,
    "end": str,
    "duration": float,
}


@pytest.fixture
def folder() -> Path:
    """A whole run: before, two steps of which one in the background, samples during, after, a rollback."""
    clock = FakeClock()
    record = Record.create("Does it hold?", "7f3a", clock=clock)
    start = clock.wall().isoformat()
    begun = {"chaoslib-version": "1.44.0", "platform": "Linux", "node": "n", "start": start}
    record.append("run.started", {"journal": {**begun, "experiment": {"title": "Does it hold?", "method": []}}})

    def activity(n: int, where: str, name: str, *, cut_short: bool = False) -> None:
        record.append("activity.started", {"n": n, "where": where, "activity": {"name": name, "type": "probe"}})
        clock.move(1)
        run = {"activity": {"name": name, "type": "probe"}, "output": n, "start": start, "end": start, "duration": 1.0}
        record.append(
            "activity.completed", {"n": n, "where": where, "run": run if cut_short else {**run, "status": "succeeded"}}
        )

    def state(kind: str, *numbers: int) -> None:
        probes = [{"n": n, "name": "p", "tolerance_met": True} for n in numbers]
        record.append(f"hypothesis.{kind}", {"steady_state_met": True, "probes": probes})

    activity(1, "before", "p")
    state("before", 1)
    record.append("activity.started", {"n": 2, "where": "method", "activity": {"name": "slow", "type": "action"}})
    activity(3, "during", "p")
    state("during", 3)
    activity(4, "method", "quick", cut_short=True)
    activity(5, "during", "p")
    run = {
        "activity": {"name": "slow"},
        "output": None,
        "status": "succeeded",
        "start": start,
        "end": start,
        "duration": 2.0,
    }
    record.append("activity.completed", {"n": 2, "where": "method", "run": run})
    activity(6, "after", "p")
    state("after", 6)
    activity(7, "rollbacks", "back")
    finished = {
        "verdict": "held",
        "reasons": [],
        "status": "completed",
        "deviated": False,
        "end": start,
        "duration": 9.0,
    }
    record.append("run.finished", finished)
    record.seal()
    return record.folder


def check(journal: dict[str, Any]) -> None:
    for name, kind in FIELDS.items():
        assert isinstance(journal[name], kind), name
    assert journal["status"] in ("completed", "failed", "aborted", "interrupted")
    states = journal["steady_states"]
    found = [states["before"], states["after"], *states["during"]]
    assert all(state is None or set(state) == {"steady_state_met", "probes"} for state in found)
    probes = [probe for state in found if state for probe in state["probes"]]
    assert all("tolerance_met" in probe for probe in probes)
    for run in [*probes, *journal["run"], *journal["rollbacks"]]:
        assert set(run) >= RUN_FIELDS and run["status"] in ("succeeded", "failed")


def test_every_beginning_of_a_run_makes_a_valid_journal(folder: Path) -> None:
    found = events(folder)
    for length in range(1, len(found) + 1):
        check(journal_of(found[:length]))
    assert journal_of(found[:-2])["status"] == "interrupted"


def test_a_whole_run_comes_back_whole(folder: Path) -> None:
    journal = rebuild(folder)
    assert [run["activity"]["name"] for run in journal["run"]] == ["slow", "quick"]
    assert [run["activity"]["name"] for run in journal["rollbacks"]] == ["back"]
    states = journal["steady_states"]
    assert [len(state["probes"]) for state in (states["before"], states["after"], *states["during"])] == [1, 1, 1, 1]
    assert states["during"][1]["steady_state_met"] is None, "the second sample was never judged"
    assert journal["status"] == "completed" and journal["extensions"][0]["verdict"] == "held"
    assert json.loads((folder / "journal.json").read_text()) == journal
    assert (folder / "journal.json").stat().st_mode & 0o777 == 0o600


def test_what_was_running_is_there_with_an_end(folder: Path) -> None:
    cut = next(i for i, event in enumerate(events(folder)) if event["data"].get("n") == 3) + 1
    (run,) = journal_of(events(folder)[:cut])["run"]
    assert run["activity"]["name"] == "slow" and run["status"] == "failed"
    assert "ended while this was running" in run["exception"][0]


def test_a_run_that_died_says_so_in_the_hosts_form_too(folder: Path) -> None:
    died = {**events(folder)[-1], "kind": "run.died", "data": {"pid": 1}}
    (extension,) = journal_of([*events(folder)[:5], died])["extensions"]
    assert extension["name"] == "chaostoolkit-ext" and extension["verdict"] == "interrupted"


def test_the_hosts_missing_status_is_filled_in(folder: Path) -> None:
    assert rebuild(folder)["run"][1]["status"] == "failed"


def test_no_older_reading_of_the_events_is_written_over_a_newer_one(folder: Path) -> None:
    """Runner, watchdog and a person's command may each write the journal at the same time."""
    with closing(EventLog(folder / EVENTS)) as other, ThreadPoolExecutor() as pool:
        with other.locked():
            rebuilt = pool.submit(rebuild, folder)
            with pytest.raises(TimeoutError):
                rebuilt.result(0.2)
        rebuilt.result(30)
    assert (folder / JOURNAL).read_text() == journal_text(journal_of(events(folder)))


def test_what_another_process_adds_just_before_the_seal_is_in_the_journal_too(folder: Path) -> None:
    with closing(Record.open(folder)) as record, closing(Record.open(folder)) as other:
        rebuild(folder)
        other.append("fault.undone", {"id": 1, "status": "undone", "verified": True}, actor="hand")
        seal(record)
    assert verify(folder).state == "ok"
    assert json.loads((folder / JOURNAL).read_text())["extensions"][0]["undo"][-1]["id"] == 1


def test_a_torn_last_line_does_not_matter(folder: Path) -> None:
    with (folder / EVENTS).open("ab") as file:
        file.write(b'{"schema_version":1,"se')
    check(rebuild(folder))
