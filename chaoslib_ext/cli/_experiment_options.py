"""What `chaos plan` and `chaos approve` take as `chaos run` does: an experiment's file, its values, its controls."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from chaoslib_ext.clean_text import one_line
from chaoslib_ext.errors import BadFile

if TYPE_CHECKING:
    from chaoslib_ext.plan.experiment import Loaded

__all__ = ["experiment_argument", "has_our_control", "hide_secrets_of", "loaded", "value_options"]

F = TypeVar("F", bound=Callable[..., Any])

_MODULE = "chaoslib_ext.control"

experiment_argument = click.argument(
    "experiment", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="EXPERIMENT"
)
_var = click.option("--var", "pairs", multiple=True, metavar="KEY=VALUE", help="As with `chaos run`. Repeatable.")
_var_file = click.option(
    "--var-file",
    "var_files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False),
    help="As with `chaos run`. Repeatable.",
)


def value_options(command: F) -> F:
    """`--var` and `--var-file`."""
    return _var(_var_file(command))


def loaded(experiment: Path, pairs: Sequence[str], var_files: Sequence[str]) -> "Loaded":
    """The experiment with the values that a person gave. Raises BadFile and click.BadParameter."""
    from chaoslib import convert_vars, merge_vars

    from chaoslib_ext.plan.experiment import load

    given: dict[str, Any] = {}
    for pair in pairs:
        try:
            given |= convert_vars([pair])
        except Exception as error:  # the host raises what comes to hand, in Python's own words
            says = f"{pair!r} is no variable; write NAME=VALUE or NAME:int=3 (also float, bool, bytes, json)"
            raise click.BadParameter(says, param_hint="--var") from error
    for file in var_files:
        _check(Path(file))
    try:
        config_vars, secret_vars = merge_vars(given, list(var_files))
    except Exception as error:  # what the host makes of them, in many classes
        raise BadFile(f"a --var-file cannot be used: {one_line(str(error))}") from error
    return load(experiment, config_vars, secret_vars)


def _check(file: Path) -> None:
    """The host passes over a file that it cannot parse, and runs with other values than somebody meant."""
    import yaml

    if file.suffix not in (".json", ".yaml", ".yml"):
        return
    try:
        yaml.safe_load(file.read_text())
    except Exception as error:  # PyYAML lets ValueError and others out as well
        raise BadFile(f"the --var-file {file} cannot be read: {one_line(str(error))}") from error


def hide_secrets_of(read: "Loaded") -> None:
    """Chaos Toolkit logs what its probes are asked and what they answer."""
    from chaoslib_ext.control.logs import hide_secrets
    from chaoslib_ext.record.redact import Redactor

    redactor = Redactor()
    redactor.learn(read.secrets)
    redactor.learn_telling(read.configuration)
    hide_secrets(redactor)


def has_our_control(ctx: click.Context, experiment: dict[str, Any], control_files: Sequence[str]) -> bool:
    """Would a run have our control: by the experiment, by a control file, or by the settings (`chaos enable`)?"""
    from ._settings import Settings, settings_path

    controls = [one for one in experiment.get("controls") or [] if isinstance(one, dict)]
    for file in control_files:
        controls += _controls_in(Path(file))
    if any(_is_ours(one) for one in controls):
        return True
    return bool(Settings.read(settings_path(ctx)).names)


def _controls_in(file: Path) -> list[dict[str, Any]]:
    import yaml

    try:
        data = yaml.safe_load(file.read_text())
    except Exception as error:  # PyYAML lets ValueError and others out as well
        raise BadFile(f"the control file {file} cannot be read: {one_line(str(error))}") from error
    entries = data.values() if isinstance(data, dict) else []
    return [one for one in entries if isinstance(one, dict)]


def _is_ours(control: dict[str, Any]) -> bool:
    provider = control.get("provider")
    return isinstance(provider, dict) and provider.get("module") == _MODULE
