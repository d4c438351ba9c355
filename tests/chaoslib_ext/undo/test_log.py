"""The undo log: on the disk before the fault, or no fault."""

import errno
import os
import resource
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from chaoslib_ext.clock import FakeClock, boot_id
from chaoslib_ext.errors import GuardRefused, UndoError, UndoNotDurable
from chaoslib_ext.model import Undo, UndoResult
from chaoslib_ext.undo.lines import Intent
from chaoslib_ext.undo.log import UndoLog, logs, prune
from chaoslib_ext.undo.presence import WATCHDOG, owner_file

RESULT = UndoResult(id=1, says="x", status="undone", verified=True)


def test_a_log_says_who_owns_it_what_is_open_and_what_is_done(an_undo: Callable[..., Undo], tmp_path: Path) -> None:
    log = UndoLog.create("r", title="Why?", record=tmp_path)
    log.intend(an_undo(1))
    log.intend(an_undo(2))
    log.resolve(RESULT, by="runner", reason="end")
    state = UndoLog(log.path).read()
    assert state.header and state.header.owner.pid == os.getpid() and state.header.owner.is_alive()
    assert (state.header.title, state.header.record) == ("Why?", str(tmp_path))
    assert [one.id for one in state.open] == [2]
    assert state.results[1]["by"] == "runner"
    log.close()
    assert log.read().closed


def test_every_line_is_synced_and_so_is_the_folder(
    an_undo: Callable[..., Undo], monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[bool] = []
    real = os.fsync

    def noted(descriptor: int) -> None:
        synced.append(os.path.isdir(f"/proc/self/fd/{descriptor}"))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    log = UndoLog.create("r")
    assert True in synced and False in synced
    synced.clear()
    log.intend(an_undo(1))
    assert synced == [False]


def test_only_its_owner_may_read_it() -> None:
    log = UndoLog.create("r")
    assert log.path.stat().st_mode & 0o777 == 0o600
    assert log.path.parent.stat().st_mode & 0o777 == 0o700


def test_a_line_torn_by_a_crash_is_cut_away_before_the_next(an_undo: Callable[..., Undo]) -> None:
    log = UndoLog.create("r")
    with log.path.open("ab") as torn:
        torn.write(b'{"kind":"intent","undo":{"id"')
    log.intend(an_undo(1))
    assert [one.id for one in log.read().open] == [1]
    assert log.read().damaged == 0


def test_a_full_disk_refuses_and_leaves_no_half_line(an_undo: Callable[..., Undo], tmp_path: Path) -> None:
    """RLIMIT_FSIZE stands for it: the kernel writes what fits, then refuses."""
    code = """
        import resource, signal, sys
        from chaoslib_ext.errors import UndoNotDurable
        from chaoslib_ext.model import Undo
        from chaoslib_ext.undo.log import UndoLog
        log = UndoLog.create("r")
        size = log.path.stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 40, resource.RLIM_INFINITY))
        try:
            log.intend(Undo(id=1, run="r", driver="proxy", op="o", args={}, fault="f", says="s", by_hand="h"))
        except UndoNotDurable as error:
            assert log.path.stat().st_size == size, "half a line was left"
            print(error)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True)
    assert "nothing was injected" in done.stdout
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def test_a_sync_that_fails_counts_as_not_written(an_undo: Callable[..., Undo], monkeypatch: pytest.MonkeyPatch) -> None:
    log = UndoLog.create("r")

    def fails(descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(UndoNotDurable, match="Input/output error"):
        log.intend(an_undo(1))
    assert log.read().open == []


def test_a_log_that_cannot_be_started_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "write", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(UndoNotDurable, match="No space left"):
        UndoLog.create("r")
    monkeypatch.undo()
    assert not logs()


def test_a_run_id_is_used_once() -> None:
    UndoLog.create("r")
    with pytest.raises(UndoNotDurable, match="exists already"):
        UndoLog.create("r")


def test_a_link_put_in_its_place_is_not_followed(tmp_path: Path) -> None:
    log = UndoLog.create("r")
    log.path.unlink()
    log.path.symlink_to("/dev/null")
    with pytest.raises(UndoNotDurable):
        log.close()


def test_who_undoes_does_so_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    log = UndoLog.create("r")
    monkeypatch.setattr("chaoslib_ext.undo.log._PATIENCE", 0.1)
    code = """
        import sys
        from pathlib import Path
        from chaoslib_ext.undo.log import UndoLog
        with UndoLog(Path(sys.argv[1])).undoing():
            print("in", flush=True)
            sys.stdin.read()
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(log.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout and other.stdout.readline() == "in\n"
        with pytest.raises(UndoError, match="another process"), log.undoing():
            pass
        other.communicate("")
    with log.undoing():
        pass


def test_logs_lists_them_and_remove_forgets_one() -> None:
    first, second = UndoLog.create("a"), UndoLog.create("b")
    assert {log.run for log in logs()} == {"a", "b"}
    first.remove()
    assert [log.run for log in logs()] == [second.run]


def test_old_logs_are_forgotten_only_when_they_are_over_and_clean(an_undo: Callable[..., Undo]) -> None:
    for number in range(4):
        log = UndoLog.create(f"r{number}")
        os.utime(log.path, (number, number))
        if number != 1:
            log.close()
            os.utime(log.path, (number, number))
    prune(keep=1)
    assert [log.run for log in logs()] == ["r1", "r3"]


def test_a_log_that_is_deleted_meanwhile_is_not_forgotten(an_undo: Callable[..., Undo]) -> None:
    log = UndoLog.create("r")
    log.intend(an_undo(1))
    log.intend(an_undo(2))
    shutil.rmtree(log.path.parent)
    assert [one.id for one in log.read().open] == [1, 2]
    with log.undoing(), pytest.raises(UndoNotDurable, match="the target is clean all the same"):
        log.resolve(RESULT, by="runner", reason="end")
    assert [one.id for one in log.read().open] == [2]


def test_a_reader_remembers_what_it_has_read(an_undo: Callable[..., Undo]) -> None:
    writer = UndoLog.create("r")
    writer.intend(an_undo(1))
    reader = UndoLog(writer.path)
    reader.read()
    writer.path.unlink()
    assert [one.id for one in reader.read().open] == [1]


def test_the_lock_of_a_dead_run_is_taken_all_the_same() -> None:
    log = UndoLog.create("r")
    log.path.write_text(log.path.read_text().replace(boot_id(), "an-earlier-boot"))
    ran = []
    with log.undoing(), UndoLog(log.path).undoing(FakeClock()):
        ran.append(True)
    assert ran


def test_the_lock_of_a_living_run_is_not(an_undo: Callable[..., Undo]) -> None:
    log = UndoLog.create("r")
    with log.undoing(), pytest.raises(UndoError, match="keeps its lock"), UndoLog(log.path).undoing(FakeClock()):
        pass


@pytest.mark.parametrize("number", [errno.EIO, errno.EROFS, errno.EDQUOT, errno.ENOSPC])
def test_whatever_the_disk_says_no_undo_no_fault_and_no_line(
    an_undo: Callable[..., Undo], monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    log = UndoLog.create("r")
    before = log.path.read_bytes()

    def fails(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", fails)
        with pytest.raises(UndoNotDurable, match=rf"{os.strerror(number)}.*nothing was injected"):
            log.intend(an_undo(1))
    assert log.path.read_bytes() == before
    assert not log.read().open


def test_the_servers_of_a_run_are_written_down_once(an_undo: Callable[..., Undo]) -> None:
    log = UndoLog.create("r")
    for _ in range(3):
        log.note_server("http://127.0.0.1:1")
    assert log.path.read_text().count('"kind":"server"') == 1
    state = UndoLog(log.path).read()
    assert state.servers == {"http://127.0.0.1:1"}
    here, there = (Intent(an_undo(1, args={"server": url}).model_dump()) for url in ("http://127.0.0.1:1", "http://x"))
    assert state.knows_server(here) and not state.knows_server(there)
    assert state.knows_server(Intent(an_undo(1, args={"server": "HTTP://localhost:1/"}).model_dump()))
    assert state.knows_server(Intent({**there.data, "schema_version": 1})), "a log of before has no such lines"


def test_a_run_that_lapsed_may_put_nothing_more_in_not_even_what_it_was_about_to(an_undo: Callable[..., Undo]) -> None:
    log = UndoLog.create("r")
    UndoLog(log.path).lapse()
    with pytest.raises(GuardRefused, match=r"it gave no sign of life\. Nothing more of it may go in"):
        log.intend(an_undo(1))
    assert not log.read().intents and log.read().lapsed


def test_whoever_holds_the_lock_of_a_run_that_lapsed_is_not_waited_for(an_undo: Callable[..., Undo]) -> None:
    log = UndoLog.create("r")
    log.lapse()
    clock = FakeClock()
    with log.undoing(), UndoLog(log.path).undoing(clock):
        assert clock.monotonic() == pytest.approx(1.0, abs=0.1)


def test_a_run_lives_as_long_as_its_lock_is_held_whatever_its_pid_says() -> None:
    log = UndoLog.create("r")
    header = log.read().header
    assert header and log.is_alive(header) and log.is_attended(header)
    elsewhere = replace(header, owner=replace(header.owner, pid=1, create_time=0.0))  # as another container sees it
    assert log.is_alive(elsewhere)
    log.leave()
    assert not log.is_alive(header), "the pid lives, but is not at this run any more"
    assert not log.is_alive(None)


def test_a_run_of_an_earlier_boot_is_dead_whatever_is_held() -> None:
    log = UndoLog.create("r")
    header = log.read().header
    assert header
    before = replace(header, owner=replace(header.owner, boot_id="another"))
    assert not log.is_alive(before) and not log.is_attended(before)


def test_a_watchdog_attends_to_a_dead_run() -> None:
    log = UndoLog.create("r")
    header = log.read().header
    log.leave()
    watchdog = UndoLog(log.path)
    watchdog.be_there(WATCHDOG)
    assert not log.is_alive(header) and log.is_attended(header)
    watchdog.leave()
    assert not log.is_attended(header)


def test_a_log_of_before_is_owned_by_its_process(monkeypatch: pytest.MonkeyPatch) -> None:
    log = UndoLog.create("r")
    header = log.read().header
    assert header
    log.leave()
    owner_file(log.path).unlink()
    assert log.is_alive(header)
    assert not log.is_alive(replace(header, owner=replace(header.owner, create_time=0.0)))


def test_a_log_that_others_could_have_written_is_not_carried_out() -> None:
    log = UndoLog.create("r")
    log.path.chmod(0o666)
    with pytest.raises(UndoError, match="others may write it, so nothing of it is carried out"):
        UndoLog(log.path).read()


def test_a_log_goes_with_all_its_files() -> None:
    log = UndoLog.create("r")
    with log.undoing():
        pass
    log.remove()
    assert not list(log.path.parent.iterdir())


def test_a_log_that_grows_is_read_on_and_one_that_was_changed_is_read_anew(an_undo: Callable[..., Undo]) -> None:
    log, other = UndoLog.create("r"), None
    for id in (1, 2, 3):
        log.intend(an_undo(id))
        assert [one.id for one in log.read().intents] == list(range(1, id + 1))
        other = other or UndoLog(log.path)
        assert [one.id for one in other.read().intents] == list(range(1, id + 1))
    other.resolve(RESULT, by="hand", reason="hand")
    assert [one.id for one in log.read().open] == [2, 3]
    log.path.write_text(log.path.read_text().replace('"title":""', '"title":"changed"'))
    header = log.read().header
    assert header and header.title == "changed" and len(log.read().intents) == 3
