"""A proxy taken down: it refuses, and comes back as it was; one that others took down is not ours."""

import shlex
import shutil
import subprocess

import pytest

from chaoslib_ext.errors import GuardRefused
from chaoslib_ext.faults.inject import inject
from chaoslib_ext.faults.proxy_down import ProxyDown
from chaoslib_ext.faults.run import current
from chaoslib_ext.testing.faults import World, check_fault


def test_it_keeps_the_contract_and_bites(world: World) -> None:
    (evidence,) = check_fault(ProxyDown(proxy="web-http"), world)
    assert evidence.bit is True
    assert evidence.measured["refused"] == evidence.measured["samples"]
    assert evidence.toxic is None


def test_several_at_once(world: World) -> None:
    assert [one.target.proxy for one in check_fault(ProxyDown(proxy="*"), world)] == ["orders-postgresql", "web-http"]


def test_one_that_is_down_already_is_left_as_it_is(world: World) -> None:
    world.client.update("web-http", enabled=False)
    with pytest.raises(GuardRefused, match="disabled already"):
        inject(ProxyDown(proxy="web-http"))
    current().undo_all()
    assert not world.client.proxy("web-http").enabled


def test_a_proxy_that_took_its_name_since_is_not_enabled(world: World) -> None:
    inject(ProxyDown(proxy="web-http"))
    world.client.delete("web-http")
    world.client.create("web-http", "127.0.0.1:1", enabled=False)
    assert [one.status for one in current().undo_all()] == ["already gone"]
    assert not world.client.proxy("web-http").enabled


@pytest.mark.skipif(not shutil.which("curl"), reason="no curl here")
def test_the_command_to_type_by_hand_works(world: World) -> None:
    inject(ProxyDown(proxy="web-http"))
    _, intent = current().log.read().open
    subprocess.run(shlex.split(str(intent.by_hand)), check=True, stdout=subprocess.DEVNULL)
    assert world.client.proxy("web-http").enabled
