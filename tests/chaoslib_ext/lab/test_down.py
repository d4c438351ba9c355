import os
import subprocess
import sys

from chaoslib_ext.folders import state_dir
from chaoslib_ext.lab.down import down, purge
from chaoslib_ext.lab.processes import marked
from chaoslib_ext.lab.state import MARK, LabState, lab_dir
from chaoslib_ext.proxy import servers


def test_down_leaves_no_process_no_file_and_no_server(own_lab: LabState) -> None:
    folder = lab_dir()
    assert [server.url for server in servers.known()] == [own_lab.server]
    assert down() is True
    assert marked(folder) == []
    assert servers.known() == []
    assert not folder.exists()


def test_down_without_a_lab_says_so() -> None:
    assert down() is False


def test_purge_ends_processes_of_labs_whose_folder_is_gone(tmp_path) -> None:
    idle = [sys.executable, "-c", "import signal; print('ready', flush=True); signal.pause()"]
    gone, there = tmp_path / "gone", tmp_path / "there"
    there.mkdir()
    orphan, neighbour = (
        subprocess.Popen(idle, env={**os.environ, MARK: str(folder)}, stdout=subprocess.PIPE)
        for folder in (gone, there)
    )
    for process in (orphan, neighbour):
        assert process.stdout and process.stdout.readline()
    try:
        assert purge() >= 1
        assert orphan.poll() is not None
        assert neighbour.poll() is None, "the lab of a folder that is there is another's business"
    finally:
        for process in (orphan, neighbour):
            process.kill()
            process.wait()
    assert not (state_dir() / "lab").exists()
