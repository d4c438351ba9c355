"""Notes a run that Chaos Toolkit ended before it loaded our control: a wrong option, a --var-file it cannot read.

Under `chaos enable` such a run is the last one, for `chaos gate last`. Imports nothing of ours before such an end: the
host loads this on every `chaos` call.
"""

import os
import sys
from collections.abc import Sequence
from typing import Any

import click

__all__ = ["note_runs"]


def note_runs() -> None:
    """From now on, where the command `chaos run` ends without a word to our control."""
    group = getattr(sys.modules.get("chaostoolkit.commands"), "cli", None)
    run = group.commands.get("run") if isinstance(group, click.Group) else None
    if run is None:
        return
    make_context, invoke = run.make_context, run.invoke

    def made(name: str | None, args: list[str], parent: click.Context | None = None, **more: Any) -> click.Context:
        typed = list(args)
        try:
            return make_context(name, args, parent, **more)
        except click.UsageError as error:
            if parent and not more.get("resilient_parsing"):
                _note(error.ctx or parent, typed)
            raise

    def invoked(ctx: click.Context) -> Any:
        try:
            return invoke(ctx)
        finally:
            _note(ctx, [str(ctx.params.get("source"))])

    run.make_context, run.invoke = made, invoked  # type: ignore[method-assign,assignment]


def _note(ctx: click.Context, typed: Sequence[str]) -> None:
    if "chaoslib_ext.record.begun" in sys.modules:  # our control heard of it
        return
    from chaoslib_ext.control import before_loading_experiment_control
    from chaoslib_ext.errors import ExtError

    from ._settings import Settings, settings_path

    try:
        is_enabled = bool(Settings.read(settings_path(ctx)).names)
    except ExtError:  # settings that cannot be read enable nothing
        return
    if is_enabled:
        before_loading_experiment_control(next(filter(os.path.isfile, typed), typed[0] if len(typed) == 1 else ""))
