"""A proxy down and up again."""

import socket

import pytest

from actions import proxies
from chaoslib_ext.errors import GuardRefused, UnknownTarget
from chaoslib_ext.faults.run import end_current
from chaoslib_ext.proxy.client import Client


def is_refused(client: Client) -> bool:
    host, port = client.proxy("web").listen.split(":")
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except ConnectionRefusedError:
        return True
    return False


def test_down_refuses_and_up_lets_in_again(client: Client) -> None:
    told = proxies.down("web")
    assert is_refused(client)
    assert told["faults"][0]["bit"] is True and told["faults"][0]["toxic"] is None
    assert [one["verified"] for one in proxies.up("web")["undone"]] == [True]
    assert not is_refused(client)
    assert proxies.up("web")["undone"] == []


def test_the_end_of_the_run_lets_in_again(client: Client) -> None:
    proxies.down("*")
    end_current()
    assert not is_refused(client)


def test_what_others_took_down_stays_down(client: Client) -> None:
    client.update("web", enabled=False)
    with pytest.raises(GuardRefused):
        proxies.down("web")
    assert proxies.up()["undone"] == []
    assert not client.proxy("web").enabled


def test_a_mistyped_name_is_said(client: Client) -> None:
    for action in (proxies.down, proxies.up):
        with pytest.raises(UnknownTarget, match="did you mean web"):
            action("wep")


def test_flapping_ends_with_the_proxy_listening(client: Client) -> None:
    told = proxies.flap("web", "50ms", "50ms", times=2)
    assert len(told["faults"]) == len(told["undone"]) == 2
    assert not is_refused(client)
