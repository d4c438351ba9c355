"""`chaos approve`: a second person lets an experiment run, until a moment; and which approvals there are."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chaoslib_ext.errors import BadFile

from ._errors import ExtCommand
from ._experiment_options import hide_secrets_of, loaded, value_options
from ._moments import coming
from ._say import say, say_json
from ._why import WHY

if TYPE_CHECKING:
    from chaoslib_ext.safety.approvals import Approval

__all__ = ["approve"]


@click.command(cls=ExtCommand)
@click.argument(
    "experiment", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="[EXPERIMENT]"
)
@click.option(
    "--until",
    metavar="TIME",
    help="End of the approval: 18:30, or 2026-11-24T18:30 (in your zone, or +01:00); the earlier reading of a "
    "time that does not exist, or exists twice, where the clocks change.",
)
@click.option(
    "--why", type=WHY, metavar="TEXT", help="What you looked at; it stands in the approval and in the record."
)
@value_options
@click.option("--list", "listing", is_flag=True, help="List the approvals there are, and whether they still hold.")
@click.option("--json", "as_json", is_flag=True, help="Say the same as JSON.")
def approve(
    experiment: Path | None,
    until: str | None,
    why: str | None,
    pairs: Sequence[str],
    var_files: Sequence[str],
    listing: bool,
    as_json: bool,
) -> None:
    """Approve an experiment that another person will run.

    The approval binds what it prints: each fault with its link, server, values and duration, the text of the
    experiment, and the local code that it calls. Give --var and --var-file as the run will. It asks the probes that
    give a fault its values. The person who gave it cannot use it. It guards against mistakes, not against malice.

    \b
    Example:
      chaos plan my-question.yaml      # look at it first
      chaos approve my-question.yaml --until 18:30 --why "seen with the payment team"
      chaos approve --list
    """
    if listing:
        if experiment:
            raise click.UsageError("--list takes no experiment.")
        _list(_folders(None), as_json)
        return
    if experiment is None or not until or not why:
        raise click.UsageError("Needed: EXPERIMENT --until TIME --why TEXT; or --list.")
    _give(_folders(experiment), experiment, pairs, var_files, until, why, as_json)


def _folders(experiment: Path | None) -> list[Path]:
    """Where approvals lie: for each policy that counts and may ask for one; where none asks, for each that counts."""
    from chaoslib_ext.folders import here
    from chaoslib_ext.safety import guard
    from chaoslib_ext.safety.policy_place import NAME, VARIABLE, folders_of

    files = guard.policies((here(), *folders_of(experiment, here())))
    if not files:
        raise BadFile(
            f"there is no policy here, so nothing needs an approval; write {NAME}, or name one with {VARIABLE}"
        )
    asking = [file for file in files if any(rule.approved for rule in file.policy.rules)]
    return list(dict.fromkeys(file.approvals for file in asking or files))


def _give(
    folders: Sequence[Path],
    experiment: Path,
    pairs: Sequence[str],
    var_files: Sequence[str],
    until: str,
    why: str,
    as_json: bool,
) -> None:
    import platform

    from chaoslib_ext.clock import SYSTEM
    from chaoslib_ext.lint.local_code import local_code
    from chaoslib_ext.plan.approving import seen
    from chaoslib_ext.safety.approvals import Approval
    from chaoslib_ext.safety.person import this_person

    end = coming(until, SYSTEM.wall(), "--until", latest=False)
    read = loaded(experiment, pairs, var_files)
    hide_secrets_of(read)
    found = seen(read, local_code(read.experiment, read.configuration))
    approval = Approval(
        **found.asked.model_dump(),
        by=this_person().name,
        host=platform.node(),
        given=SYSTEM.wall(),
        until=end,
        why=why,
        faults=found.faults,
        key=found.key,
    )
    if not as_json:
        for row in _rows(approval, found.unseen):
            say(row)
    paths = _written(folders, approval)
    if as_json:
        told = {"schema_version": 1, "file": str(paths[0]), "files": [str(path) for path in paths]}
        told |= {"approval": approval.model_dump(mode="json"), "not_seen": list(found.unseen)}
        say_json(told, indent=None)
        return
    say(f"Approved by {approval.by} until {_shown(end)}: {approval.title}")
    say(f"  It is in {' and '.join(map(str, paths))}; another person may run it as it is now.")


def _written(folders: Sequence[Path], approval: "Approval") -> list[Path]:
    """One in each folder, or none at all."""
    from chaoslib_ext.safety.approvals import give

    paths: list[Path] = []
    try:
        for folder in folders:
            paths.append(give(folder, approval))
    except BadFile:
        for path in paths:
            path.unlink(missing_ok=True)
        raise
    return paths


def _rows(approval: "Approval", unseen: Sequence[str]) -> Iterator[str]:
    yield f"To be approved: {approval.title}"
    yield from _faults(approval)
    yield from (
        f"  not seen: what {one} does; a fault of its own is refused unless it is one of these" for one in unseen
    )


def _faults(approval: "Approval") -> Iterator[str]:
    yield from (f"  {one.says}" for one in approval.faults)
    if not approval.faults and approval.schema_version > 1:
        yield "  no fault"
    if any(one.duration_s is None for one in approval.faults):
        yield f"  pauses: {approval.pauses_s:g} s; a fault without a duration lasts until the run ends"
    if approval.code:
        yield f"  local code: {', '.join(approval.code)}"


def _list(folders: Sequence[Path], as_json: bool) -> None:
    from chaoslib_ext.clock import SYSTEM
    from chaoslib_ext.safety.approvals import all_of

    now = SYSTEM.wall()
    found, unreadable = [], []
    for folder in folders:
        more, broken = all_of(folder)
        found += more
        unreadable += broken
    if as_json:
        say_json(_as_json(found, unreadable, now))
    elif not found:
        say(f"No approvals in {' or '.join(map(str, folders))}.")
    for path, one in [] if as_json else found:
        say(one.title)
        say(f"  by {one.by} until {_shown(one.until)}, {_state(one, now)}: {one.why}")
        for row in (*_faults(one), f"  {path}"):
            say(row)
    for problem in unreadable:
        say(problem, err=True)
    if unreadable:
        raise click.exceptions.Exit(1)


def _as_json(found: "list[tuple[Path, Approval]]", unreadable: list[str], now: datetime) -> dict[str, Any]:
    told = [
        {"file": str(path), "holds": _state(one, now) == "holds", **one.model_dump(mode="json")} for path, one in found
    ]
    return {"schema_version": 1, "approvals": told, "unreadable": unreadable}


def _state(one: "Approval", now: datetime) -> str:
    if one.schema_version == 1:
        return "approves nothing, for an older version wrote it without links and values; type chaos approve again"
    return "holds" if one.given <= now < one.until else "is over" if now >= one.until else "has not begun"


def _shown(when: datetime) -> str:
    local = when.astimezone()
    return f"{local:%Y-%m-%d %H:%M %Z}"
