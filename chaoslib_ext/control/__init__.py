"""The Chaos Toolkit control: every event of a run goes into its record as it happens, and what it did is undone.

Put it on every experiment with `chaos enable`, on one run with `--control-file`, or into an experiment:

    controls:
      - {name: record, provider: {type: python, module: chaoslib_ext.control}}

It lives on the host's event registry, because hooks of a global control vanish when an experiment has controls of
its own (chaoslib/control/__init__.py, `get_context_controls`). The one hook it needs is `before_experiment_control`:
there the host lets a control refuse a run. Declared several times, it is there once.
"""

from typing import Any

__all__ = [
    "after_loading_experiment_control",
    "before_experiment_control",
    "before_loading_experiment_control",
    "configure_control",
]

_sources: list[str] = []  # where the host says it loaded from; global controls hear of it, before any run exists


def configure_control(
    experiment: dict[str, Any] | None = None,
    configuration: dict[str, Any] | None = None,
    secrets: dict[str, Any] | None = None,
    event_registry: Any = None,
) -> None:
    """Listen to the run. Ends the process rather than let a run go on unrecorded: the host ignores mere errors."""
    try:
        from .listener import listen

        listen(event_registry, source=_sources[-1] if _sources else None)
    except Exception as error:
        from .screen import complain

        complain(f"the control chaoslib_ext.control cannot start: {error}")
        complain("Nothing was injected.")
        raise SystemExit(1) from error


def before_loading_experiment_control(context: Any) -> None:
    """Note that a run is asked for, in case it never begins: the file may hold no experiment. Global controls only."""
    from chaoslib_ext.record.begun import ask
    from chaoslib_ext.record.events import DISK

    try:
        DISK.do(lambda: ask(str(context), anew=True), 5)
    except Exception as error:
        from .screen import complain

        complain(f"the begin of this run cannot be noted, so `chaos gate last` may not see it: {error}")


def after_loading_experiment_control(context: Any, state: Any = None) -> None:
    """Remember which file the experiment came from, and keep its secrets out of the log; for global controls only."""
    from .logs import hide_declared

    _sources.append(str(context))
    hide_declared(state)


def before_experiment_control(context: Any) -> None:
    """Refuse the run when it should not begin. Raises the host's InterruptExecution, the only thing it heeds."""
    from .listener import current

    listener = current()
    if listener is not None:
        listener.refuse_if_needed()
