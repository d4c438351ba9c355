"""Controls that an experiment names and this machine does not have: with our control, no run begins without them."""

import importlib.util
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["absent"]


def absent(experiment: Mapping[str, Any]) -> Iterator[str]:
    """One line for each whose package is not installed; nothing of it is imported."""
    hypothesis = experiment.get("steady-state-hypothesis") or {}
    holders = [experiment, hypothesis, *(hypothesis.get("probes") or [])]
    holders += [*(experiment.get("method") or []), *(experiment.get("rollbacks") or [])]
    for control in (one for holder in holders for one in holder.get("controls") or []):
        provider = control.get("provider") or {}
        module = str(provider.get("module") or "")
        if provider.get("type") == "python" and module and not _is_installed(module):
            yield f"the control {control.get('name')}: {module} is not installed here, and no run begins without it"


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module.partition(".")[0]) is not None
    except (ImportError, ValueError):
        return False
