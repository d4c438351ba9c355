"""`chaos journal`: what was run, what came of it, and whether its record can be trusted."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from chaoslib_ext.clean_text import json_text
from chaoslib_ext.errors import BadInput, ExtError, RecordNotWritable

from ._errors import ExtGroup
from ._say import candidates, say, say_json, say_made
from ._table import print_table

if TYPE_CHECKING:
    from chaoslib_ext.record.read import Verification
    from chaoslib_ext.record.story import Story

__all__ = ["complete_ids", "journal"]

_NOT_OK = {"ok": 0, "open": 1, "broken": 3}
_json = click.option("--json", "as_json", is_flag=True, help="Say the same as JSON.")


def complete_ids(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Ids of records, newest first, for a shell."""
    from chaoslib_ext.record.shelf import folders

    try:
        offered = [(folder.name.rsplit("-", 1)[-1], folder.name) for folder in folders()]
    except (ExtError, OSError):  # a prompt is no place for an error; the command itself says it
        return []
    return candidates(offered, incomplete)


_id = click.argument("id", metavar="ID", shell_complete=complete_ids)


@click.group(
    cls=ExtGroup,
    epilog="\b\nExamples:\n  chaos journal list\n  chaos journal show last\n  chaos journal report 7f3a -o run.html",
)
def journal() -> None:
    """List, show and verify the records of runs."""


@journal.command("list", epilog="\b\nExample:\n  chaos journal list -n 5")
@click.option("-n", "--most", type=click.IntRange(min=1), default=20, show_default=True, help="How many, newest first.")
@_json
def list_(most: int, as_json: bool) -> None:
    """List the records, the newest first.

    A fault with a question mark (`latency?`) could not be measured on its link, so it is not proved that it was felt.
    """
    from chaoslib_ext.folders import journal_dir
    from chaoslib_ext.record.begun import never_begun
    from chaoslib_ext.record.shelf import listing, no_record_of
    from chaoslib_ext.reports.words import moment

    _close_dead()
    found = list(listing(most))
    if (source := never_begun()) is not None:
        say(f"Not listed: {no_record_of(source)}.", err=True)
    if as_json:
        say_json([one.as_json() for one in found])
    elif not found:
        say(f"No records in {journal_dir()}. Make one: chaos enable && chaos run EXPERIMENT", err=True)
    else:
        rows = [
            [
                one.id,
                str(one.verdict).upper() if one.verdict else "-",
                moment(one.started, with_day=True) if one.started else "-",
                ", ".join(f"{kind}?" if kind in one.unmeasured else kind for kind in one.faults) or "-",
                one.state,
                one.title,
            ]
            for one in found
        ]
        print_table(["ID", "VERDICT", "WHEN", "FAULTS", "RECORD", "TITLE"], rows, is_cut=True)


@journal.command(epilog="\b\nExamples:\n  chaos journal show 7f3a\n  chaos journal show last --events")
@_id
@click.option("--events", "with_events", is_flag=True, help="Every event, one a line, instead of the story.")
@_json
def show(id: str, with_events: bool, as_json: bool) -> None:
    """Tell what happened in one run; ID may be its beginning, or `last`."""
    from chaoslib_ext.record.read import events
    from chaoslib_ext.record.shelf import find

    _close_dead()
    folder = find(id)
    if not with_events:
        _print_report(folder, "json" if as_json else "text")
        return
    for event in events(folder):
        if as_json:
            say_json(event, indent=None)
        else:
            say(_event_in_words(event))


def _close_dead() -> None:
    from chaoslib_ext.faults.unfinished import close_dead

    close_dead()


def _event_in_words(event: dict[str, Any]) -> str:
    from chaoslib_ext.reports.words import moment, value_in_words

    return f"{event['seq']:>5}  {moment(event['time'])}  {event['kind']:<22} {value_in_words(event['data'])}"


@journal.command(epilog="\b\nExamples:\n  chaos journal verify\n  chaos journal verify 7f3a --json")
@click.argument("id", metavar="[ID]", required=False, shell_complete=complete_ids)
@click.option("--all", "check_all", is_flag=True, help="Every record (also when no ID is given).")
@_json
@click.pass_context
def verify(ctx: click.Context, id: str | None, check_all: bool, as_json: bool) -> None:
    """Check that no event was changed, taken out or added.

    Exit code 0: all are whole and sealed; 1: one is open (its run goes on, or was never closed); 3: one is broken.
    """
    from chaoslib_ext.record.read import verify as check
    from chaoslib_ext.record.shelf import find, folders

    if id and check_all:
        raise click.UsageError("give an ID or --all, not both")
    _close_dead()
    found = {folder: check(folder) for folder in ([find(id)] if id else folders())}
    if as_json:
        said = [{"id": folder.name.rsplit("-", 1)[-1], **one.as_json()} for folder, one in found.items()]
        say_json(said)
    else:
        _print_checked(found)
    ctx.exit(max((_NOT_OK[one.state] for one in found.values()), default=0))


def _print_checked(found: "dict[Path, Verification]") -> None:
    if not found:
        say("There is no record to verify.", err=True)
    for folder, one in found.items():
        where = f" at line {one.line}" if one.line and one.state == "broken" else ""
        why = f": {one.problem}" if one.problem else ""
        say(f"{folder.name.rsplit('-', 1)[-1]}  {one.state}{where}  {one.events} events, head {one.head[:16]}{why}")


@journal.command(epilog="\b\nExamples:\n  chaos journal report 7f3a -o run.html\n  chaos journal report last --as json")
@_id
@click.option("--as", "form", type=click.Choice(["html", "text", "json"]), help="Without it: as -o ends, else html.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; without it, or -: stdout."
)
def report(id: str, form: str | None, output: Path | None) -> None:
    """Write a page on one run, to read and to pass on."""
    from chaoslib_ext.record.shelf import find

    output = None if output == Path("-") else output
    _print_report(find(id), _form_of(output, form), output)


_ENDINGS = {"html": (".html", ".htm"), "text": (".txt", ".text", ".md", ".log"), "json": (".json",)}


def _form_of(output: Path | None, form: str | None) -> str:
    """As asked for, or as the file's name ends; a name that promises something else is refused."""
    ending = output.suffix.lower() if output else ""
    fits = [one for one, endings in _ENDINGS.items() if not ending or ending in endings]
    if form in fits or (form is None and fits):
        return form or fits[0]
    wanted = f"a report as {form}" if form else "a report"
    known = ", ".join(_ENDINGS[form] if form else [endings[0] for endings in _ENDINGS.values()])
    raise BadInput(f"{output}: {wanted} does not end in {ending}; end the name in one of {known}")


def _print_report(folder: Path, form: str, output: Path | None = None) -> None:
    from chaoslib_ext.record.story import read

    story = _looked_after(read(folder))
    if form == "json":
        said = json_text(story.as_json(), indent=2) + "\n"
    elif form == "html":
        from chaoslib_ext.reports.html import render as as_html

        said = as_html(story)
    else:
        from chaoslib_ext.reports.text import render as as_text

        said = as_text(story)
    _put(said, output)


def _looked_after(story: "Story") -> "Story":
    """An unfinished run's process is looked for, if it ran on this machine: is it dead?"""
    import platform
    from dataclasses import replace

    from chaoslib_ext.undo.owner import Owner

    about = story.about
    pid, start, boot = (about.get(name) for name in ("pid", "create_time", "boot_id"))
    if story.verdict is not None or about.get("host") != platform.node():
        return story
    if not (isinstance(pid, int) and isinstance(start, float) and isinstance(boot, str)):
        return story
    return replace(story, is_dead=not Owner(pid, start, boot).is_alive())


def _put(said: str, output: Path | None) -> None:
    if output is None:
        say_made(said)
        return
    from chaoslib_ext.record.files import write_atomically

    try:
        text = click.unstyle(said).encode("utf-8", "backslashreplace").decode()  # a folder's name may be no text
        write_atomically(output.absolute(), text, mode=0o644)
    except RecordNotWritable as error:  # its words are for the record, which is well
        why = getattr(error.__cause__, "strerror", None) or error.__cause__
        raise RecordNotWritable(f"cannot write {output}: {why}; name another file with -o") from error
    say(f"Wrote {output}")
