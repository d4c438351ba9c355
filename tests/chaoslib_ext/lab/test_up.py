from chaoslib_ext.lab.down import down
from chaoslib_ext.lab.state import LabState, lab_dir, read
from chaoslib_ext.lab.up import up


def test_a_second_up_leaves_a_whole_lab_as_it_is(shared_lab: LabState) -> None:
    said: list[str] = []
    assert up(said.append).state == "up"
    assert said == ["The lab is up already."]
    assert read(lab_dir()) == shared_lab


def test_a_lab_that_lost_a_process_is_brought_up_afresh(own_lab: LabState) -> None:
    import psutil

    psutil.Process(own_lab.processes["payment"].pid).kill()
    said: list[str] = []
    assert up(said.append).state == "up"
    assert said[0] == "Cleaned up after a lab that was not whole."
    fresh = read(lab_dir())
    assert fresh and fresh.secret != own_lab.secret
    for process in own_lab.processes.values():
        assert not psutil.pid_exists(process.pid or 0) or psutil.Process(process.pid).status() == "zombie"


def test_a_state_file_that_is_broken_is_no_hindrance(own_lab: LabState) -> None:
    import psutil

    (lab_dir() / "lab.json").write_text("{")
    assert up().state == "up"
    down()
    assert not (lab_dir() / "lab.json").exists()
    for name, process in own_lab.processes.items():  # found by their mark, since nothing tells their ids
        assert not psutil.pid_exists(process.pid or 0) or psutil.Process(process.pid).status() == "zombie", name
