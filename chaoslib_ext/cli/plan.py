"""`chaos plan`: what an experiment would do, to whom, for how long, and who says so; before anything is touched."""

from collections.abc import Sequence
from pathlib import Path

import click

from ._errors import ExtCommand
from ._experiment_options import experiment_argument, has_our_control, hide_secrets_of, loaded, value_options
from ._say import say, say_json

__all__ = ["plan"]


def _print_schema(ctx: click.Context, param: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from chaoslib_ext.safety.policy import Policy

        say_json(Policy.model_json_schema())
        ctx.exit()


@click.command(cls=ExtCommand)
@experiment_argument
@value_options
@click.option(
    "--control-file",
    "control_files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False),
    help="As with `chaos run`. Repeatable.",
)
@click.option("--probes", is_flag=True, help="Ask every probe once, also those that may change something.")
@click.option("--offline", is_flag=True, help="Ask nobody: no server, no probe. What stays unknown is said.")
@click.option("--json", "as_json", is_flag=True, help="Say the same as JSON.")
@click.option(
    "--policy-schema",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_schema,
    help="Print the JSON Schema of chaos-policy.yaml, for editors, and end.",
)
@click.pass_context
def plan(
    ctx: click.Context,
    experiment: Path,
    pairs: Sequence[str],
    var_files: Sequence[str],
    control_files: Sequence[str],
    probes: bool,
    offline: bool,
    as_json: bool,
) -> None:
    """Say what an experiment would do, and touch nothing.

    What each fault would hit, how it would be taken back, what the policy says, how long it may last, whether the
    steady state answers, and what is on already. Servers are asked by GET only; no folder and no file is made.

    \b
    Example:
      chaos plan experiments/my-question.yaml
      chaos plan my-question.yaml --var latency_ms:int=400 --json
      chaos plan my-question.yaml --offline       # at a desk, without the systems

    Exit code: 0 nothing speaks against a run, 1 it would be refused or could not begin, 2 the file or an option is
    wrong.
    """
    from chaoslib_ext.folders import only_looking
    from chaoslib_ext.lint.linting import lint
    from chaoslib_ext.lint.local_code import local_code
    from chaoslib_ext.lint.refusal import refusals
    from chaoslib_ext.plan.plan import plan as made

    from ._plan_text import lines

    if probes and offline:
        raise click.UsageError("--probes and --offline exclude each other.")
    with only_looking():
        read = loaded(experiment, pairs, var_files)
        hide_secrets_of(read)
        control = has_our_control(ctx, read.experiment, control_files)
        refused = refusals(lint(experiment), of_this_machine=not offline)
        code = local_code(read.experiment, read.configuration)
        found = made(read, offline=offline, probes=probes, has_control=control, refused=refused, code=code)
    if as_json:
        say_json(found.as_json())
    else:
        for line in lines(found):
            say(line)
    if not found.would_run:
        raise click.exceptions.Exit(1)
