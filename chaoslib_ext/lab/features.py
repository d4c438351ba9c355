"""Which of the shop's improvements are switched on: the file that the services read."""

import json
import os
from collections.abc import Iterable
from pathlib import Path

from chaoslib_ext.errors import LabError, UnknownTarget, did_you_mean

from .layout import WEAKNESSES
from .services import health
from .state import LabState, lab_dir, read

__all__ = ["harden", "hardened", "soften", "write"]


def hardened(folder: Path) -> tuple[str, ...]:
    """The weaknesses that are cured now."""
    try:
        return tuple(json.loads((folder / "features.json").read_text())["on"])
    except FileNotFoundError:
        return ()


def harden(names: Iterable[str]) -> tuple[str, ...]:
    """Cure these weaknesses; all that are cured now. Raises UnknownTarget or LabError."""
    wanted = _known(names)
    return _switch(lambda on: on | wanted)


def soften(names: Iterable[str]) -> tuple[str, ...]:
    """Bring these weaknesses back; all that are still cured. Raises UnknownTarget or LabError."""
    wanted = _known(names)
    return _switch(lambda on: on - wanted)


def _known(names: Iterable[str]) -> set[str]:
    for name in (wanted := set(names)):
        if name not in WEAKNESSES:
            raise UnknownTarget(f"no weakness {name!r} in the lab{did_you_mean(name, WEAKNESSES)}")
    return wanted


def _switch(change) -> tuple[str, ...]:  # type: ignore[no-untyped-def]
    folder = lab_dir()
    state = read(folder)
    if state is None or state.phase != "up":
        raise LabError("no lab is up; bring it up with: chaos lab up")
    on = tuple(sorted(change(set(hardened(folder)))))
    write(folder, on)
    _confirm(state, on)
    return on


def _confirm(state: LabState, on: tuple[str, ...]) -> None:
    for service in {weakness.service for weakness in WEAKNESSES.values()}:
        told = health(state.processes[service].port)
        if told is None or tuple(told.get("features", ())) != on:  # type: ignore[arg-type]
            raise LabError(f"{service} does not answer with the change made; repair the lab with: chaos lab reset")


def write(folder: Path, on: tuple[str, ...]) -> None:
    """Switch exactly these on."""
    fresh = folder / "features.json.new"
    try:
        fresh.write_text(json.dumps({"on": list(on)}))
        os.replace(fresh, folder / "features.json")
    except OSError as error:
        raise LabError(f"cannot write {folder / 'features.json'}: {error.strerror}") from error
