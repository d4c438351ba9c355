"""Which faults were on at a moment that has passed, or are on now: told from the records of runs, event by event.

A record knows who, since when and until when, and by which events one can check it. Runs without a record (no control
of ours) are told from their undo logs, as long as these are kept.
"""

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from chaoslib_ext.errors import ExtError, UndoError
from chaoslib_ext.record.faults import faults_of
from chaoslib_ext.record.read import events
from chaoslib_ext.record.shelf import folders
from chaoslib_ext.undo.log import logs

__all__ = ["Past", "on_at"]


@dataclass(frozen=True)
class Past:
    """One fault and when it was on. Times are ISO 8601 with zone; `until` None: still on, as far as is known.

    `events` are the numbers of the lines of the record that say so; none for a run without one.
    """

    fault: str
    server: str
    proxy: str
    what: dict[str, Any]
    run: str
    title: str
    by: str
    since: str
    until: str | None
    events: tuple[int, ...]
    record: str | None

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)

    def was_on(self, moment: datetime) -> bool:
        """Was it on then?"""
        return datetime.fromisoformat(self.since) <= moment and (
            self.until is None or moment < datetime.fromisoformat(self.until)
        )


def on_at(moment: datetime, proxies: Collection[str] | None = None) -> tuple[list[Past], list[str]]:
    """Every fault that was on at that moment (on these proxies alone, if any are given), the oldest first, and which
    records could not be read: what they know is missing here.
    """
    problems: list[str] = []
    recorded = [one for folder in folders() for one in _of_record(folder, moment, problems)]
    runs = {one.run for one in recorded}
    logged = [one for one in _of_logs(problems) if one.run not in runs]
    meant = (one for one in [*recorded, *logged] if proxies is None or one.proxy in proxies)
    return sorted((one for one in meant if one.was_on(moment)), key=lambda one: one.since), problems


def _of_record(folder: Path, moment: datetime, problems: list[str]) -> Iterator[Past]:
    if _begins_after(folder, moment):
        return
    try:
        found = events(folder)
        yield from _told(folder, found)
    except (ExtError, KeyError, TypeError, ValueError, AttributeError) as error:
        problems.append(f"{folder.name}: {error}")


def _begins_after(folder: Path, moment: datetime) -> bool:
    """By its name alone, so that a long history need not be read."""
    try:
        return datetime.strptime(f"{folder.name[:16]}+0000", "%Y%m%dT%H%M%SZ%z") > moment
    except ValueError:
        return False


def _told(folder: Path, found: list[dict[str, Any]]) -> Iterator[Past]:
    started: dict[str, Any] = next((event["data"] for event in found if event["kind"] == "run.started"), {})
    title = (started.get("journal") or {}).get("experiment", {}).get("title", "")
    for fault in faults_of(found):
        evidence, target = fault.evidence, fault.evidence["target"]
        number = evidence.get("undo")
        yield Past(
            fault=str(evidence.get("fault")),
            server=str(target.get("server")),
            proxy=str(target.get("proxy")),
            what=dict((evidence.get("toxic") or {}).get("attributes") or {}),
            run=folder.name.rsplit("-", 1)[-1],
            title=str(title),
            by=f"{started.get('who', '?')}@{started.get('host', '?')}",
            since=fault.put_at,
            until=fault.undone_at,
            events=tuple(_lines_of(found, number)),
            record=str(folder),
        )


def _lines_of(found: list[dict[str, Any]], number: Any) -> Iterator[int]:
    """Where it went in and where it came out."""
    for event in found:
        data = event["data"]
        is_in = event["kind"] == "fault.applied" and data.get("undo") == number
        if is_in or (event["kind"] == "fault.undone" and data.get("id") == number):
            yield event["seq"]


def _of_logs(problems: list[str]) -> Iterator[Past]:
    for log in logs():
        try:
            state = log.read()
        except UndoError as error:
            problems.append(str(error))
            continue
        head = state.header
        for intent in state.intents:
            if head is None or intent.data["driver"] != "proxy" or intent.is_lock or not _is_moment(intent.written):
                continue
            ended = state.results.get(intent.id, {})
            yield Past(
                fault=str(intent.data.get("fault", "fault")),
                server=str(intent.args.get("server")),
                proxy=str(intent.args.get("proxy")),
                what={},
                run=head.run,
                title=head.title,
                by=head.by,
                since=intent.written,
                until=(str(ended.get("time") or intent.written)) if ended else None,
                events=(),
                record=None,
            )


def _is_moment(written: str) -> bool:
    """Does the log say when? An old one does not, one that somebody wrote into may say anything."""
    try:
        return datetime.fromisoformat(written).tzinfo is not None
    except ValueError:
        return False
