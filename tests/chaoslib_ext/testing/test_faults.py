"""The contract catches each way in which a fault may break its word."""

from typing import Any

import pytest

from chaoslib_ext.errors import ExtError
from chaoslib_ext.faults.fault import WayBack
from chaoslib_ext.faults.inject import check
from chaoslib_ext.faults.toxic import Toxic
from chaoslib_ext.model import Target
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.testing.faults import World, check_fault

pytestmark = pytest.mark.joins("testing", "faults")


class Good(Toxic):
    """A toxic, as the contract wants it."""

    proxy: str | tuple[str, ...] = "web"
    type: str = "noop"


class TouchesTwice(Good):
    """Puts in more than its undo takes out."""

    def apply(self, client: Client, target: Target, name: str) -> None:
        super().apply(client, target, name)
        client.add_toxic(target.proxy, "noop", name="forgotten")


class TakesForeign(Good):
    """Removes what others put there."""

    def apply(self, client: Client, target: Target, name: str) -> None:
        super().apply(client, target, name)
        client.remove_toxic(target.proxy, "someone-elses")


class Mute(Good):
    """Cannot say what a person should type."""

    def way_back(self, target: Target, name: str) -> WayBack:
        back = super().way_back(target, name)
        return WayBack(back.op, back.args, back.says, "")


class UndoesAnother(Good):
    """Names the wrong toxic in its undo."""

    def way_back(self, target: Target, name: str) -> WayBack:
        back = super().way_back(target, name)
        return WayBack(back.op, {**back.args, "toxic": f"{name}-other"}, back.says, back.by_hand)

    def confirm(self, client: Client, target: Target, name: str) -> Any:
        return super().confirm(client, target, client.proxy(target.proxy).toxics[-1].name)

    def apply(self, client: Client, target: Target, name: str) -> None:
        super().apply(client, target, name.removesuffix("-other"))


class ChangesOnLooking(Good):
    """Touches the server when it is only asked whether it may."""

    def refusal(self, proxy: Any) -> None:
        from chaoslib_ext.proxy.servers import connect

        connect().add_toxic(proxy.name, "noop", name=f"looked-{len(proxy.toxics)}")


def test_a_good_one_passes(world: World) -> None:
    assert len(check_fault(Good(), world)) == 1
    assert not world.client.toxics("web")


@pytest.mark.parametrize("kind", [TouchesTwice, TakesForeign, Mute, UndoesAnother, ChangesOnLooking])
def test_a_bad_one_is_caught(world: World, kind: type[Good]) -> None:
    with pytest.raises((AssertionError, ExtError)):
        check_fault(kind(), world)


def test_a_fault_is_not_left_patched(world: World) -> None:
    before = Good.apply
    check_fault(Good(), world)
    assert Good.apply is before
    assert check(Good())
