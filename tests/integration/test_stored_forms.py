"""Each form that outlives a process has a version; an unknown newer one is refused in a sentence, and left as it is.

docs/maintaining.md has a row for each.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from chaoslib_ext.errors import ExtError, UndoTooNew
from chaoslib_ext.faults.leftovers import leftovers
from chaoslib_ext.folders import state_dir
from chaoslib_ext.lab import data
from chaoslib_ext.lab import state as lab_state
from chaoslib_ext.links import file as links
from chaoslib_ext.proxy import servers
from chaoslib_ext.record.read import verify
from chaoslib_ext.record.record import EVENTS, Record
from chaoslib_ext.safety import approvals, despite_freeze, freeze, policy_file
from chaoslib_ext.undo.log import UndoLog

NEWER = 99


def what_was_done_despite_a_freeze() -> tuple[Path, str]:
    despite_freeze.note("a", server="http://127.0.0.1:1", by="ann", freeze="x")
    file = state_dir() / "despite-freeze.jsonl"
    file.write_text(file.read_text().replace('"schema_version":1', f'"schema_version":{NEWER}'))
    found, (said,) = despite_freeze.since(None)
    assert not found
    return file, said


def a_record() -> tuple[Path, str]:
    record = Record.create("Why?")
    record.append("run.started", {})
    record.close()
    file = record.folder / EVENTS
    file.write_text(file.read_text().replace('"schema_version":1', f'"schema_version":{NEWER}'))
    return file, str(verify(record.folder))


def an_undo_log() -> tuple[Path, str]:
    log = UndoLog.create("7f3a01")
    log.path.write_text(log.path.read_text().replace('"schema_version":2', f'"schema_version":{NEWER}'))
    with pytest.raises(UndoTooNew):
        log.read()
    found, (said,) = leftovers()
    assert not found
    return log.path, said


def the_labs_state() -> tuple[Path, str]:
    file = state_dir("lab") / "lab.json"
    file.write_text(json.dumps({"schema_version": NEWER, "started": "2026-11-24T10:00:00Z", "secret": "", "data": ""}))
    with pytest.raises(ExtError) as refused:
        lab_state.read(file.parent)
    return file, str(refused.value)


def the_known_servers() -> tuple[Path, str]:
    file = state_dir() / "servers.json"
    file.write_text(json.dumps({"schema_version": NEWER, "servers": []}))
    with pytest.raises(ExtError) as refused:
        servers.known()
    return file, str(refused.value)


def a_freeze() -> tuple[Path, str]:
    file = state_dir() / "freeze.json"
    file.write_text(json.dumps({"schema_version": NEWER, "scopes": []}))
    return file, str(freeze.refusal())


def the_links() -> tuple[Path, str]:
    file = state_dir() / "links.yaml"
    file.write_text(f"schema_version: {NEWER}\nlinks: []\n")
    with pytest.raises(ExtError) as refused:
        links.read(file)
    return file, str(refused.value)


def a_policy() -> tuple[Path, str]:
    file = state_dir() / "chaos-policy.yaml"
    file.write_text(f"schema_version: {NEWER}\nrules: []\n")
    with pytest.raises(ExtError) as refused:
        policy_file.read(file)
    return file, str(refused.value)


def an_approval() -> tuple[Path, str]:
    file = state_dir("approvals") / "x.yaml"
    file.write_text(f"schema_version: {NEWER}\ntitle: x\n")
    found, (said,) = approvals.all_of(file.parent)
    assert not found
    return file, said


FORMS = [
    a_record,
    an_undo_log,
    the_labs_state,
    the_known_servers,
    a_freeze,
    what_was_done_despite_a_freeze,
    the_links,
    a_policy,
    an_approval,
]


@pytest.mark.parametrize("write", FORMS, ids=lambda write: write.__name__)
def test_a_newer_version_is_refused_in_a_sentence_and_left_alone(write: Callable[[], tuple[Path, str]]) -> None:
    file, said = write()
    assert "newer" in said or f"version {NEWER}" in said, said
    assert "Traceback" not in said and str(NEWER) in file.read_text()


def test_data_of_a_version_that_is_not_here_is_refused() -> None:
    with pytest.raises(ExtError, match="no test data of version 99"):
        data.folder(NEWER)


@pytest.mark.parametrize(
    "form",
    ["events.jsonl", "undo/<run>.jsonl", "lab.json", "servers.json", "freeze.json", "despite-freeze.jsonl", "lab/data"],
)
def test_the_maintenance_guide_has_a_row_for_it(form: str, checkout: Path) -> None:
    guide = (checkout / "docs" / "maintaining.md").read_text()
    assert f"`{form}" in guide.split("## Stored forms")[1].split("\n## ")[0]
