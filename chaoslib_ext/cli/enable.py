"""`chaos enable` and `chaos disable`: our control in the user's Chaos Toolkit settings, or out of them again."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ._errors import ExtCommand
from ._say import say, say_json

if TYPE_CHECKING:
    from ._settings import Change

__all__ = ["disable", "enable"]

_json = click.option("--json", "as_json", is_flag=True, help="Say the same as JSON.")


@click.command(cls=ExtCommand, epilog="\b\nExamples:\n  chaos enable\n  chaos --settings ci.yaml enable --check")
@click.option("--check", is_flag=True, help="Change nothing; exit code 1 when it is not enabled.")
@_json
@click.pass_context
def enable(ctx: click.Context, check: bool, as_json: bool) -> None:
    """Record and guard every run from now on.

    Adds our control to the settings file of Chaos Toolkit (~/.chaostoolkit/settings.yaml, or that of --settings),
    so that every experiment gets it without an edit. Everything else in that file stays as it is.
    """
    from ._settings import Settings, settings_path

    settings = Settings.read(settings_path(ctx))
    if check:
        _say_state(settings.path, settings.names, as_json)
        ctx.exit(0 if settings.names else 1)
    _say_change(settings.enable(), as_json)


@click.command(cls=ExtCommand, epilog="\b\nExample:\n  chaos disable")
@_json
@click.pass_context
def disable(ctx: click.Context, as_json: bool) -> None:
    """Stop recording and guarding every run.

    Takes our control out of the settings file of Chaos Toolkit; everything else in that file stays as it is.
    """
    from ._settings import Settings, settings_path

    _say_change(Settings.read(settings_path(ctx)).disable(), as_json)


def _say_state(path: Path, names: list[str], as_json: bool) -> None:
    if as_json:
        say_json({"enabled": bool(names), "settings": str(path), "controls": names}, indent=None)
    elif names:
        say(f"Enabled in {path} as {', '.join(names)}.")
    else:
        say(f"Not enabled in {path}. To enable it: chaos enable")


def _say_change(change: "Change", as_json: bool) -> None:
    if as_json:
        say_json(change.as_json(), indent=None)
        return
    say(change.says)
    if change.backup:
        say(f"The file had to be written anew, comments are lost; as it was it lies in {change.backup}.")
