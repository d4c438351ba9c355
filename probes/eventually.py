"""Any other probe, asked until its value is tolerated: for what needs time, such as coming back after a fault."""

from typing import Any

from chaoslib_ext.blackbox.arguments import seconds
from chaoslib_ext.blackbox.eventually import Patience, Seen, eventually
from chaoslib_ext.blackbox.named_probe import named_probe
from chaoslib_ext.blackbox.tolerance import tolerance as tolerated_by
from chaoslib_ext.record.phrases import amount, value_in_words

__all__ = ["reached"]


def reached(
    probe: dict[str, Any],
    tolerance: Any,
    within: str = "30s",
    every: str = "1s",
    stable_for: str | None = None,
    *,
    configuration: dict[str, Any] | None = None,
    secrets: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Ask `probe` (module, func, arguments) `every` second until its value is tolerated, and stays so `stable_for`.

    Returns at once then, else when `within` is over, with what was seen: `status` is `reached` or `not reached`, so
    that this probe's own tolerance is `[reached]`; `after_ms` until it was reached the last time, `stable_ms` how long
    it stayed, `looks`, how many of them were `unmeasured` (the probe failed), the last `value`, each change in `seen`.
    Raises ProbeError when the probe failed every time, BadInput when it can only fail. Actions are refused.
    """
    ask = named_probe(probe, configuration, secrets)
    stable = seconds("stable_for", stable_for) if stable_for is not None else 0.0
    patience = Patience(seconds("within", within), seconds("every", every), stable)
    is_reached, seen = eventually(ask, tolerated_by(tolerance), patience)
    last = seen.told()[-1]
    return {
        "status": "reached" if is_reached else "not reached",
        "says": _says(is_reached, seen, last),
        "after_ms": None if seen.since is None else round(seen.since * 1000),
        "stable_ms": 0 if seen.since is None else round((seen.now - seen.since) * 1000),
        "looks": seen.count,
        "unmeasured": seen.unmeasured,
        "value": last.get("value"),
        "seen": seen.told(),
    }


def _says(is_reached: bool, seen: Seen, last: dict[str, Any]) -> str:
    value = value_in_words(last["value"], 60) if "value" in last else f"not measured ({last['problem']})"
    if is_reached and seen.since is not None:
        return f"reached after {amount(seen.since)} s: {value}, in {seen.count} looks"
    return f"{value} at the last of {seen.count} looks in {amount(seen.now)} s"
