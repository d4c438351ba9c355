"""Other people's controls: one that the host passes over in silence does not let the faults go in without it.

The host skips a control that is not installed, cannot be set up, or raises, and does not hear one that speaks in a
background thread (chaoslib/control/__init__.py: `load_global_controls`, `initialize_controls`, `apply_controls`). Once
an experiment has controls of its own, the method and rollback hooks of global ones are not called, and others are
called twice (`get_context_controls`). It has no event for that, so three of its functions are wrapped during a run.
"""

import importlib
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from chaoslib import control as host
from chaoslib.exceptions import InterruptExecution

from chaoslib_ext.clean_text import one_line

__all__ = ["Others"]

_CALLED = {name: getattr(host, name) for name in ("apply_python_control", "initialize_control", "get_context_controls")}
"""The host's own functions, as they are before and after a run."""


class Others:
    """Wraps from `install` to `restore`. `failed(part, says, wants_end)` is told of each hook that could not be called.

    `part` is the host's name of the moment: `method-before`, `experiment-after`, ...; `wants_end`: the hook asked for
    the end of the run, in a place where the host does not listen.
    """

    def __init__(self, failed: Callable[[str, str, bool], None], ends: Callable[[], None] = lambda: None) -> None:
        """`ends` is called before each hook that the host calls because the run was ended in the middle."""
        self._failed, self._ends = failed, ends
        self._not_set_up: dict[Any, str] = {}

    def install(self) -> None:
        """From now on."""
        for name in _CALLED:
            setattr(host, name, getattr(self, f"_{name}"))

    def restore(self) -> None:
        """As the host was."""
        for name, function in _CALLED.items():
            setattr(host, name, function)

    def problems(self, experiment: dict[str, Any], settings: dict[str, Any], files: tuple[str, ...]) -> list[str]:
        """Each control that is named (in the experiment, the settings, the control files) and does not stand by."""
        standing = {one.get("name") for one in host.get_global_controls()}
        found = [
            f"{_called(name)} could not be set up (see chaostoolkit.log)"
            for name, control in _global(settings, files)
            if name not in standing and name not in self._not_set_up and not _absent(name, control)
        ]
        found += [f"{_called(name)} could not be set up ({why})" for name, why in self._not_set_up.items()]
        every = [*_global(settings, files), *((one.get("name"), one) for one in host.get_controls(experiment))]
        found += [why for name, control in every if (why := _absent(name, control))]
        cure = "the host would run without it: mend it, or take it out"
        return [f"{why}; {cure}" for why in dict.fromkeys(found)]

    def _initialize_control(self, control: dict[str, Any], *args: Any, **more: Any) -> None:
        try:
            _CALLED["initialize_control"](control, *args, **more)
        except Exception as error:
            self._not_set_up[control.get("name")] = _said(error)
            raise

    def _apply_python_control(self, level: str, control: dict[str, Any], *args: Any, **more: Any) -> None:
        is_cut = isinstance(sys.exc_info()[1], KeyboardInterrupt | SystemExit | InterruptExecution)
        if is_cut and threading.current_thread() is threading.main_thread():
            self._ends()  # the hook may take long, or hang
        try:
            _CALLED["apply_python_control"](level, control, *args, **more)
        except InterruptExecution as error:
            if level == "experiment-after" or threading.current_thread() is not threading.main_thread():
                self._failed(level, f"{_called(control.get('name'))} ended the run: {error}", True)
            raise
        except Exception as error:
            part, when = level.rsplit("-", 1)
            self._failed(level, f"{_called(control.get('name'))} failed {when} the {part}: {_said(error)}", False)
            raise

    def _get_context_controls(self, level: str, experiment: Any = None, context: Any = None) -> list[dict[str, Any]]:
        found = _CALLED["get_context_controls"](level, experiment, context)
        if level in ("method", "rollback"):
            found = [*host.get_global_controls(), *found]
        return _once(found)


def _once(controls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The last of each name: the nearest to the activity, which the host says counts."""
    last = {control.get("name"): number for number, control in enumerate(controls)}
    return [one for number, one in enumerate(controls) if one.get("name") is None or last[one["name"]] == number]


def _global(settings: dict[str, Any], files: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """Name and control, as the settings and the control files have them."""
    import yaml

    yield from (settings.get("controls") or {}).items()
    for file in files:
        try:
            named = yaml.safe_load(Path(file).read_text(encoding="utf-8")) or {}
        except (OSError, ValueError, yaml.YAMLError) as error:
            yield f"all of {file}", {"unreadable": _said(error)}
        else:
            yield from named.items()


def _absent(name: Any, control: dict[str, Any]) -> str | None:
    """Why the host will never call it."""
    if "unreadable" in control:
        return f"{_called(name)} cannot be read ({control['unreadable']})"
    provider = control.get("provider")
    if not provider or "ref" in control:
        return None
    if provider.get("type") != "python":
        return f"{_called(name)} is of type {provider.get('type')}, and the host calls Python only"
    try:
        importlib.import_module(str(provider.get("module")))
    except Exception as error:
        return f"{_called(name)}: the Python module {provider.get('module')} cannot be imported ({_said(error)})"
    return None


def _called(name: Any) -> str:
    return f'the control "{name}"'


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {one_line(str(error))}"
