import pytest

from chaoslib_ext.errors import LabError, UnknownTarget
from chaoslib_ext.lab.features import harden, hardened, soften
from chaoslib_ext.lab.services import health
from chaoslib_ext.lab.state import LabState, lab_dir


def test_the_service_itself_knows_of_the_change_at_once(shared_lab: LabState) -> None:
    port = shared_lab.processes["checkout"].port
    assert harden(["payment-timeout"]) == ("payment-timeout",)
    assert (health(port) or {})["features"] == ["payment-timeout"]
    assert soften(["payment-timeout"]) == ()
    assert (health(port) or {})["features"] == []
    assert hardened(lab_dir()) == ()


def test_an_unknown_weakness_is_refused_with_the_near_one() -> None:
    with pytest.raises(UnknownTarget, match="did you mean payment-timeout"):
        harden(["payment-timeuot"])


def test_without_a_lab_the_next_step_is_said() -> None:
    with pytest.raises(LabError, match="chaos lab up"):
        harden(["payment-timeout"])
