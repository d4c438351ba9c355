"""What `chaos link add` says when it is done, for people and as JSON; never with a secret."""

import os
from collections.abc import Collection, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ._say import say, say_json

if TYPE_CHECKING:
    from chaoslib_ext.links.compose.changes import Change
    from chaoslib_ext.links.compose.plan import Plan
    from chaoslib_ext.links.file import Link
    from chaoslib_ext.links.spot import Place

__all__ = ["say_compose", "say_from_variable", "say_plain"]


def say_plain(made: "Sequence[Link]", old: Collection[str], *, dry_run: bool, as_json: bool) -> None:
    """One link from --upstream."""
    if as_json:
        say_json({"links": _links(made, old), "line": None, "dry_run": dry_run})
        return
    _say_links(made, old, dry_run=dry_run)
    say(f"Point the client at {made[0].listen}.")


def say_from_variable(
    made: "Sequence[Link]",
    old: Collection[str],
    variable: str,
    pairs: "Sequence[tuple[Place, str]]",
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """The links, the line for the shell that starts the service, and what they cannot do."""
    from chaoslib_ext.links.limits import limits
    from chaoslib_ext.links.value import line_for

    line, told = line_for(variable, os.environ, pairs), limits(variable, os.environ[variable])
    if as_json:
        say_json({"links": _links(made, old), "line": line, "limits": told, "dry_run": dry_run})
        return
    _say_links(made, old, dry_run=dry_run)
    say("Where your service is started (bash), say:")
    say(line)
    for one in told:
        say(f"Mind: {one}.")


def say_compose(
    made: "Sequence[Link]",
    old: Collection[str],
    told: "Sequence[Change]",
    found: "Plan",
    file: Path,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """The links, each line of a file to change, and what is no link with its reason."""
    if as_json:
        skipped = [{**asdict(one), "callers": list(one.callers)} for one in found.skipped]
        changes = [{**asdict(one), "services": list(one.services)} for one in told]
        said = {"links": _links(made, old), "changes": changes, "skipped": skipped, "notes": list(found.notes)}
        say_json({**said, "dry_run": dry_run})
        return
    _say_links(made, old, dry_run=dry_run)
    if told:
        say("Change, so that these calls go over the links:")
        for line in told:
            say(f"  {_change_in_words(line, file)}")
        _say_how_containers_reach_it(made)
    for way, link in zip(found.ways, made, strict=False):
        if not way.spots:
            say(f"Point the clients of {way.service} at {link.listen}.")
    for one in found.skipped:
        who = f" (called by {', '.join(one.callers)})" if one.callers and "names it" not in one.why else ""
        say(f"Not linked: {one.service}{who}: {one.why}.")
    for note in found.notes:
        say(f"Mind: {note}.")
    if not made:
        say(_why_none(found, file), err=True)


def _say_links(made: "Sequence[Link]", old: Collection[str], *, dry_run: bool) -> None:
    for one in made:
        word = "There already is" if one.name in old else "Would add" if dry_run else "Added"
        say(f"{word} {one.name}: {one.listen} -> {one.upstream}.")
    if not dry_run and any(one.name not in old for one in made):
        from chaoslib_ext.links.known import own_file

        say(f"Written down in {own_file()}.")


def _change_in_words(one: "Change", file: Path) -> str:
    where = one.file if one.line == 0 else f"{os.path.relpath(one.file, file.parent)}:{one.line}"
    port = f", and its port {one.port} wherever that is said" if one.port else ""
    return f"{where}  {one.variable} ({', '.join(one.services)}): {one.before} -> {one.after}{port}"


def _say_how_containers_reach_it(made: "Sequence[Link]") -> None:
    """Docker Desktop lets a container reach this machine's loopback; Docker on Linux does not."""
    if any(one.listen.startswith("127.0.0.1:") for one in made):
        say(
            "A service outside a container takes 127.0.0.1 for host.docker.internal. Docker on Linux: containers do "
            "not reach 127.0.0.1 of this machine; add the links with --host 172.17.0.1 (docs/how-to/compose.md)."
        )


def _why_none(found: "Plan", file: Path) -> str:
    if found.skipped:
        return f"No link from {file}: see above why."
    return (
        f"No link from {file}: no variable of its services names another one; if one is called all the same, choose "
        f"it: --service NAME ({', '.join(found.services)})"
    )


def _links(made: "Sequence[Link]", old: Collection[str]) -> list[dict[str, Any]]:
    return [{**one.as_json(), "was_there": one.name in old} for one in made]
