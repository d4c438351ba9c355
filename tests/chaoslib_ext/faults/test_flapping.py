"""A link that flaps: each cut is a fault of its own, and the link listens when it ends, however it ends."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.errors import BadAttribute, UnknownTarget
from chaoslib_ext.faults.flapping import flap
from chaoslib_ext.faults.rehearsal import rehearsing
from chaoslib_ext.faults.run import end_current
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.testing.upstream import Upstream, http


@pytest.fixture
def client(toxiproxy: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    monkeypatch.setenv("TOXIPROXY_URL", toxiproxy)
    with Upstream(http) as service:
        client = Client(toxiproxy)
        client.create("web", service.address)
        yield client
        end_current()


def test_each_cut_bit_and_was_taken_back_and_the_link_listens(client: Client) -> None:
    told = flap("web", "50ms", "50ms", 3)
    assert [fault["bit"] for fault in told["faults"]] == [True] * 3
    assert [back["verified"] for back in told["undone"]] == [True] * 3
    assert client.proxy("web").enabled


def test_a_rehearsal_checks_and_touches_nothing(client: Client) -> None:
    with rehearsing():
        flap("web", "1h", "1h", 100)
        with pytest.raises(UnknownTarget, match="did you mean web"):
            flap("wep", "1s", "1s", 1)
    assert client.proxy("web").enabled


@pytest.mark.parametrize(
    "wrong", [{"times": 0}, {"times": 101}, {"times": True}, {"down_for": "soon"}, {"up_for": -1}, {"down_for": "2h"}]
)
def test_what_makes_no_sense_is_refused_before_anything_is_touched(client: Client, wrong: dict[str, object]) -> None:
    asked = {"down_for": "1s", "up_for": "1s", "times": 1, **wrong}
    with pytest.raises(BadAttribute, match=next(iter(wrong))):
        flap("web", **asked)  # type: ignore[arg-type]
    assert client.proxy("web").enabled


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_ended_while_it_is_down_the_link_listens_again(client: Client, number: int) -> None:
    code = "from actions import proxies; proxies.flap('web', '60s', '1s', times=2)"
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    until(lambda: not client.proxy("web").enabled)
    os.kill(process.pid, number)
    process.wait(30)
    until(lambda: client.proxy("web").enabled)


def until(is_so) -> None:
    deadline = SYSTEM.monotonic() + 30
    while not is_so():
        assert SYSTEM.monotonic() < deadline, "it never happened"
        SYSTEM.sleep(0.02)
