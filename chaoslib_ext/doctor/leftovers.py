"""What runs left behind: by name on every known server, and in every undo log."""

from collections.abc import Iterator

from chaoslib_ext.faults.leftovers import leftovers
from chaoslib_ext.faults.live import Live, live

from .finding import Finding

__all__ = ["check"]

_NAME = "leftovers"


def check() -> Iterator[Finding]:
    """Faults of dead runs, faults nobody here knows, undo logs that cannot be read, proxies somebody disabled."""
    faults, problems = live()
    runs, unreadable = leftovers()
    yield from (_of(one) for one in faults)
    told = {one.run for one in faults}
    for run in runs:
        if not (run.is_alive or run.is_elsewhere) and run.header.run not in told:
            open_ones = "; ".join(one.says for one in run.intents)
            fix = f"chaos undo --run {run.header.run}"
            yield Finding(_NAME, "wrong", f"run {run.header.run} is dead, and this is still open: {open_ones}", fix)
    for problem in dict.fromkeys([*unreadable, *(one for one in problems if "may have done more" not in one)]):
        yield Finding(_NAME, "wrong", problem)


def _of(one: Live) -> Finding:
    what = f"{one.fault} on {one.proxy} ({one.server})"
    if one.alive:
        return Finding(_NAME, "note", f"{what}: run {one.run} is under way, {one.where}")
    if not one.run:  # `enabled: false` has no place for an owner's name, so what nobody here knows is left alone
        return Finding(_NAME, "note", f"{what}: made by hand, or by another program", one.by_hand or "")
    if one.alive is None and one.where:
        says = f"{what}: run {one.run}, {one.where}; whether it still runs cannot be told from here"
        return Finding(_NAME, "note", says, f"chaos undo --run {one.run}")
    if one.alive is None:
        says = f"toxic {one.toxic} on {one.proxy} ({one.server}): no run {one.run} is known here; of another machine?"
        return Finding(_NAME, "wrong", says, one.by_hand or "")
    return Finding(_NAME, "wrong", f"{what}: run {one.run} is dead", f"chaos undo --run {one.run}")
