"""Approvals: bound to the experiment and its values, given by another person, until a moment."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.errors import BadFile
from chaoslib_ext.safety.approvals import Approval, Asked, all_of, give, why_not
from chaoslib_ext.safety.approved_fault import ApprovedFault

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
ASKED = Asked(title="Does it hold?", experiment_sha256="a" * 64, code={"module shopx": "b" * 64})
FAULT = ApprovedFault(
    server="http://127.0.0.1:8474",
    link="cache-a",
    upstream="127.0.0.1:6379",
    fault="latency",
    settings={"latency_ms": 10, "stream": "downstream"},
    duration_s=5,
)
VERSION_1 = f"""
schema_version: 1
experiment_sha256: {"a" * 64}
faults_sha256: {"b" * 64}
title: Does it hold?
by: bob
host: desk
given: 2026-11-25T11:00:00Z
until: 2026-11-25T13:00:00Z
why: seen
"""


def approval(**changed: Any) -> Approval:
    told: dict[str, Any] = {
        **ASKED.model_dump(),
        "by": "bob",
        "given": NOW - timedelta(hours=1),
        "until": NOW + timedelta(hours=1),
        "why": "seen",
        "faults": (FAULT,),
    }
    return Approval(**{**told, **changed})


def test_one_that_holds_is_found_among_others(tmp_path: Path) -> None:
    give(tmp_path / "made", approval(until=NOW))
    give(tmp_path / "made", approval())
    found, why = why_not(tmp_path / "made", ASKED, FAULT, "ann", NOW)
    assert found == approval() and why == ""


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"by": "ann"}, "ann gave it, who also runs it; another person must"),
        ({"until": NOW}, "it ended at"),
        ({"given": NOW + timedelta(seconds=1)}, "has not come yet"),
        ({"faults": ()}, "link cache-a was not in what was approved (no fault at all)"),
        (
            {"code": {}},
            "the code that the experiment calls is another than when it was given: module shopx was not there",
        ),
        ({"code": {"module shopx": "c" * 64}}, "module shopx was changed"),
        ({"code": {**ASKED.code, "script x.sh": "c" * 64}}, "script x.sh is not there now"),
        (
            {"experiment_sha256": "c" * 64},
            "nobody has approved it as it is now; what bob approved under this title was another text",
        ),
        ({"experiment_sha256": "c" * 64, "title": "Another"}, "nobody has approved it as it is now"),
    ],
)
def test_each_that_does_not_hold_says_why(tmp_path: Path, changed: dict[str, Any], says: str) -> None:
    give(tmp_path, approval(**changed))
    found, why = why_not(tmp_path, ASKED, FAULT, "ann", NOW)
    assert found is None and says in why


def test_a_fault_without_a_duration_is_bound_to_the_pauses_too(tmp_path: Path) -> None:
    endless = FAULT.model_copy(update={"duration_s": None})
    give(tmp_path, approval(faults=(FAULT, endless), pauses_s=5))
    longer = ASKED.model_copy(update={"pauses_s": 600.0})
    _, why = why_not(tmp_path, longer, endless, "ann", NOW)
    assert "no duration, and the pauses of the experiment take 600 s instead of 5 s" in why
    assert why_not(tmp_path, longer, FAULT, "ann", NOW)[0], "one with a duration ends by itself"
    assert why_not(tmp_path, ASKED.model_copy(update={"pauses_s": 5.0}), endless, "ann", NOW)[0]


def test_one_that_could_not_be_read_again_is_not_given(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="4000 faults are too many for one approval"):
        give(tmp_path, approval(faults=(FAULT,) * 4000))
    assert not list(tmp_path.iterdir())


def test_without_an_experiment_nothing_is_approved(tmp_path: Path) -> None:
    give(tmp_path, approval())
    found, why = why_not(tmp_path, None, FAULT, "ann", NOW)
    assert found is None and "only in a run under our control" in why


def test_one_of_version_1_is_read_and_approves_nothing_for_it_does_not_say_what_was_seen(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(VERSION_1)
    ((_, one),), unreadable = all_of(tmp_path)
    assert one.by == "bob" and one.schema_version == 1 and not unreadable
    found, why = why_not(tmp_path, ASKED, FAULT, "ann", NOW)
    assert found is None and "an older version wrote it" in why and "type chaos approve again" in why


@pytest.mark.parametrize("text", ["", "[", "{}", "schema_version: 2", "- 1"])
def test_a_file_that_is_none_approves_nothing_and_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.yaml").write_text(text)
    found, unreadable = all_of(tmp_path)
    assert not found and "x.yaml approves nothing" in unreadable[0]
    assert "cannot be read: chaos approve --list" in why_not(tmp_path, ASKED, FAULT, "ann", NOW)[1]


def test_a_pipe_approves_nothing_and_keeps_nobody_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.yaml")
    assert "it is no file" in all_of(tmp_path)[1][0]


def test_one_of_a_newer_version_approves_nothing(tmp_path: Path) -> None:
    file = give(tmp_path, approval())
    file.write_text(file.read_text().replace("schema_version: 2", "schema_version: 3"))
    assert why_not(tmp_path, ASKED, FAULT, "ann", NOW)[0] is None


def test_it_cannot_be_written_where_there_is_no_room(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(BadFile, match="nothing is approved"):
        give(tmp_path / "taken", approval())


KILLED = """
import os, signal, sys
from pathlib import Path
from chaoslib_ext.safety.approvals import Approval, give
setattr(os, sys.argv[1], lambda *_: os.kill(os.getpid(), signal.SIGKILL))
give(Path(sys.argv[2]), Approval.model_validate_json(sys.argv[3]))
"""


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_killed_while_it_is_written_it_is_not_there(tmp_path: Path, step: str) -> None:
    command = [sys.executable, "-c", KILLED, step, str(tmp_path), approval().model_dump_json()]
    assert subprocess.run(command, check=False, timeout=60).returncode == -signal.SIGKILL
    assert all_of(tmp_path) == ([], [])
    assert os.listdir(tmp_path), "what was begun lies there, and counts for nothing"
