"""The contract of a fault, to be run on a real server: `check_fault(MyFault(...), world)`.

It proves what people trust us with: the undo is on the disk before the fault is in, the fault shows, its undo leaves
everything as it was and may be repeated, and nothing that others put there is touched.
"""

from dataclasses import dataclass
from typing import Any

from chaoslib_ext.faults import undoers
from chaoslib_ext.faults.fault import Fault
from chaoslib_ext.faults.inject import check, inject
from chaoslib_ext.faults.run import begin, end_current
from chaoslib_ext.model import Evidence, Target
from chaoslib_ext.proxy.client import Client

__all__ = ["World", "check_fault"]

_FOREIGN = "someone-elses"


@dataclass(frozen=True)
class World:
    """Where a fault is tried: a server that `proxy.servers.connect` finds, with the proxies the fault names."""

    client: Client

    def looks(self) -> dict[str, Any]:
        """Everything the server shows."""
        return {name: state.as_json() for name, state in self.client.proxies().items()}


def check_fault(fault: Fault, world: World) -> tuple[Evidence, ...]:
    """Run the contract; returns the evidence for checks of your own. Raises AssertionError with what is broken."""
    targets = check(fault)
    assert targets, "a fault without a target"
    for target in targets:
        world.client.add_toxic(target.proxy, "latency", name=_FOREIGN, attributes={"latency": 0, "jitter": 0})
    before = world.looks()
    check(fault)
    assert world.looks() == before, "checking the fault changed something"
    evidence = _put_in_and_out(_Watched.of(fault), fault, world, before)
    for target in targets:
        world.client.remove_toxic(target.proxy, _FOREIGN)
    return evidence


class _Watched:
    """Notes, at the moment the fault is applied, what the undo log says already."""

    def __init__(self, kind: type[Fault]) -> None:
        self.kind = kind
        self.promised: list[int] = []

    @classmethod
    def of(cls, fault: Fault) -> "_Watched":
        return cls(type(fault))

    def __enter__(self) -> "_Watched":
        self._apply = apply = self.kind.apply

        def noted(fault: Fault, client: Client, target: Target, name: str) -> None:
            from chaoslib_ext.faults.run import current

            open_now = current().log.read().open
            self.promised += [one.id for one in open_now if one.args["proxy"] == target.proxy and not one.is_lock]
            apply(fault, client, target, name)

        self.kind.apply = noted  # type: ignore[method-assign,assignment]
        return self

    def __exit__(self, *exc: object) -> None:
        self.kind.apply = self._apply  # type: ignore[method-assign]


def _put_in_and_out(watched: _Watched, fault: Fault, world: World, before: dict[str, Any]) -> tuple[Evidence, ...]:
    run = begin()
    try:
        with watched:
            evidence = inject(fault).faults
        assert sorted(watched.promised) == [one.undo for one in evidence], "applied before its undo was on the disk"
        assert all(one.confirmed and one.bit is not False for one in evidence)
        assert world.looks() != before, "the server shows nothing of the fault"
        intents = run.log.read().intents
        assert all(one.says and one.by_hand for one in intents), "an undo without words or without a command"
        results = run.undo_all("end")
        assert [one.id for one in results] == [one.undo for one in reversed(evidence)], "not last in, first out"
        assert all(one.verified for one in results), results
        assert world.looks() == before, "the undo did not leave everything as it was"
        assert run.undo_all("end") == [], "undone twice"
        for intent in intents:
            undoer = undoers.load()[intent.data["driver"]][intent.data["op"]]
            assert undoer.undo(intent.args) == "already gone", "the undo is not idempotent"
        assert world.looks() == before, "undoing twice changed something"
        return evidence
    finally:
        end_current()
