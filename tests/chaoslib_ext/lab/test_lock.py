import threading

import pytest

from chaoslib_ext.errors import LabError
from chaoslib_ext.lab import lock
from chaoslib_ext.lab.lock import changing, is_changing
from chaoslib_ext.lab.state import lab_dir
from chaoslib_ext.lab.status import status


def test_the_second_waits_until_the_first_is_done() -> None:
    said: list[str] = []
    waiting, order = threading.Event(), []

    def second() -> None:
        with changing(lab_dir(), lambda text: (said.append(text), waiting.set())):
            order.append("second")

    with changing(lab_dir(), said.append):
        thread = threading.Thread(target=second)
        thread.start()
        assert waiting.wait(10)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]
    assert said == ["Another chaos lab command is at work; waiting for it ..."]


def test_whether_somebody_is_at_work_can_be_asked() -> None:
    assert not is_changing(lab_dir())
    with changing(lab_dir(), lambda _: None):
        assert is_changing(lab_dir())
        assert status().state == "changing"
    assert not is_changing(lab_dir())
    assert status().state == "down"


def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "PATIENCE_S", 0.1)
    with (
        changing(lab_dir(), lambda _: None),
        pytest.raises(LabError, match="Ctrl-C there"),
        changing(lab_dir(), lambda _: None),
    ):
        pass
