"""The guard: may this fault run?"""

import pytest

from chaoslib_ext.errors import GuardRefused
from chaoslib_ext.model import Target
from chaoslib_ext.safety import freeze, guard

TARGET = Target(server="http://127.0.0.1:8474", proxy="web", listen="127.0.0.1:1", upstream="127.0.0.1:2")


def test_what_makes_sense_may_run() -> None:
    guard.ask("latency 40 ms", TARGET, senseless=None)


def test_what_makes_none_is_refused_with_fault_target_and_reason() -> None:
    with pytest.raises(GuardRefused, match=r"latency 40 ms on web \(http://127.0.0.1:8474\) is refused: it is off"):
        guard.ask("latency 40 ms", TARGET, senseless="it is off")


def test_under_a_freeze_nothing_may_run() -> None:
    freeze.put("checkout is down", "ann@desk")
    with pytest.raises(GuardRefused, match=r"on web .* is refused: everything is frozen .* ann@desk: checkout is down"):
        guard.ask("latency 40 ms", TARGET, senseless=None)
    with pytest.raises(GuardRefused, match=r"no run may begin: everything is frozen .*chaos thaw"):
        guard.ask_for_a_run()
    freeze.lift()
    guard.ask("latency 40 ms", TARGET, senseless=None)
    guard.ask_for_a_run()
