"""Records that nobody closed, and records that cannot be believed. Only the newest are read: a look must be quick."""

from collections.abc import Iterator

from chaoslib_ext.errors import ExtError
from chaoslib_ext.record.read import verify
from chaoslib_ext.record.shelf import folders

from .finding import Finding

__all__ = ["MOST", "check"]

_NAME = "records"
MOST = 100
"""Records that are looked at, the newest first."""


def check() -> Iterator[Finding]:
    """One finding for each that is not whole, else one that says how many are."""
    try:
        found = folders()
    except ExtError as error:
        yield Finding(_NAME, "wrong", str(error), "set CHAOS_JOURNAL_DIR to a folder")
        return
    bad = 0
    for folder in found[:MOST]:
        state = verify(folder)
        run = folder.name.rsplit("-", 1)[-1]
        if state.state == "broken":
            bad += 1
            yield Finding(_NAME, "wrong", f"record {run} is broken: {state.problem}", f"chaos journal verify {run}")
        elif state.state == "open":
            bad += 1
            says = f"record {run} is open: {state.problem}"
            yield Finding(_NAME, "note", says, f"chaos journal verify {run}, which closes it if its run is dead")
    if not bad:
        of = f"the newest {MOST} of {len(found)}" if len(found) > MOST else f"{len(found)}"
        yield Finding(_NAME, "ok", f"records: {of} whole and sealed")
