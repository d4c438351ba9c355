"""Each rollback is tried once, whatever became of the one before, and its result is on the disk before the next."""

from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.guests.kept import UNTOLD, Kept, keep, read
from chaoslib_ext.guests.play import main
from chaoslib_ext.record.read import events
from chaoslib_ext.record.record import Record


def shell(name: str, command: str) -> dict[str, Any]:
    provider = {"type": "process", "path": "sh", "arguments": ["-c", command], "timeout": 30}
    return {"type": "action", "name": name, "provider": provider}


def python(name: str, module: str, func: str, **more: Any) -> dict[str, Any]:
    return {"type": "action", "name": name, "provider": {"type": "python", "module": module, "func": func, **more}}


def played(tmp_path: Path, *rollbacks: dict[str, Any], **more: Any) -> Kept:
    keep(Kept(run="ab12", rollbacks=rollbacks, folder=str(tmp_path), **more))
    assert main("ab12") == 0
    found = read("ab12")
    assert found is not None
    return found


def statuses(found: Kept) -> list[str]:
    return [found.results[number]["status"] for number in sorted(found.results)]


def test_all_are_tried_in_their_order_in_the_runs_folder(tmp_path: Path) -> None:
    found = played(tmp_path, shell("a", "echo a >> said"), python("b", "nowhere", "f"), shell("c", "echo c >> said"))
    assert statuses(found) == ["succeeded", "failed", "succeeded"] and found.pending == []
    assert (tmp_path / "said").read_text() == "a\nc\n"
    assert found.failed[0][0] == "b" and "nowhere" in found.failed[0][1]


def test_one_that_leaves_the_process_does_not_take_the_others_along(tmp_path: Path) -> None:
    (tmp_path / "leaver.py").write_text("import sys\ndef go():\n    sys.exit(3)\n")
    found = played(tmp_path, python("a", "leaver", "go"), shell("b", "touch b"), path=(str(tmp_path),))
    assert statuses(found) == ["failed", "succeeded"] and (tmp_path / "b").exists()


def test_what_was_played_is_not_played_again(tmp_path: Path) -> None:
    before = {0: {"activity": {"name": "a"}, "status": "failed", "by": "host"}}
    found = played(tmp_path, shell("a", "touch a"), shell("b", "touch b"), results=before)
    assert not (tmp_path / "a").exists() and (tmp_path / "b").exists() and found.failed == []


@pytest.mark.joins("guests", "record")
def test_configuration_and_secrets_are_there_and_secrets_are_not_told(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("LOGIN", "hunter2-and-more")
    record = Record.create("Does it?")
    (tmp_path / "teller.py").write_text("def tell(where, secrets):\n    return where + ' ' + secrets['login']\n")
    tell = python("tell", "teller", "tell", arguments={"where": "${where}"}, secrets=["mine"])
    found = played(
        tmp_path,
        tell,
        configuration={"where": "there"},
        secrets={"mine": {"login": {"type": "env", "key": "LOGIN"}}},
        path=(str(tmp_path),),
        record=str(record.folder),
    )
    assert found.results[0]["output"] == "there [redacted]"
    told = [event for event in events(record.folder) if event["actor"] == "rollbacks"]
    assert [event["kind"] for event in told] == ["activity.started", "activity.completed"]
    assert told[1]["data"]["where"] == "rollbacks" and told[1]["data"]["run"]["output"] == "there [redacted]"


def test_nothing_kept_is_nothing_to_play() -> None:
    assert main("zz99") == 0


def test_one_that_takes_its_process_along_is_played_twice_and_then_told(tmp_path: Path) -> None:
    """Killed with the machine, perhaps; but whoever does it each time would be played for ever."""
    rollbacks = (shell("a", "echo a >> said"), shell("b", "echo b >> said"))
    keep(Kept(run="ab12", rollbacks=rollbacks, folder=str(tmp_path), begun={0: 1}))
    assert main("ab12") == 0 and (tmp_path / "said").read_text() == "a\nb\n"
    keep(Kept(run="ab12", rollbacks=rollbacks, folder=str(tmp_path), begun={0: 2}))
    assert main("ab12") == 0 and (tmp_path / "said").read_text() == "a\nb\nb\n"
    found = read("ab12")
    assert found is not None and statuses(found) == ["failed", "succeeded"]
    assert found.failed == [("a", "its process died in the middle, each of the 2 times it was played")]


def test_on_a_full_disk_all_are_played_all_the_same(tmp_path: Path, monkeypatch: Any, capfd: Any) -> None:
    def full(*args: Any) -> None:
        raise OSError(28, "No space left on device")

    keep(Kept(run="ab12", rollbacks=(shell("a", "touch a"), shell("b", "touch b")), folder=str(tmp_path)))
    monkeypatch.setattr("chaoslib_ext.record.files.replaced", full)
    assert main("ab12") == UNTOLD
    assert (tmp_path / "a").exists() and (tmp_path / "b").exists()
    assert "No space left on device" in capfd.readouterr().err
