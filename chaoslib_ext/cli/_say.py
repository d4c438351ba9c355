"""Where every command prints: a call is a line, and what a line quotes of others can neither break nor steer it."""

import os
from collections.abc import Iterable
from typing import Any

import click
from click.shell_completion import CompletionItem

from chaoslib_ext.clean_text import clean, json_text

__all__ = ["candidates", "say", "say_json", "say_made", "styled"]


def say(text: str = "", *, err: bool = False, head: str = "") -> None:
    """Print one line; several only for an error's text. `head` is a word of ours before it, from `styled`."""
    click.echo(head + clean(text), err=err, color=False if os.environ.get("NO_COLOR") else None)


def say_json(value: Any, *, indent: int | None = 2) -> None:
    """Print one JSON document to stdout, with all its data."""
    click.echo(json_text(value, indent=indent))


def say_made(text: str, *, err: bool = False) -> None:
    """Print a text that was made whole elsewhere, of lines and fields that are clean: a report, a unit, progress."""
    click.echo(text, nl=False, err=err, color=False if os.environ.get("NO_COLOR") else None)


def styled(word: str, **style: Any) -> str:
    """A word of ours in colour, where colour is wanted."""
    return word if os.environ.get("NO_COLOR") else click.style(word, **style)


def candidates(offered: Iterable[tuple[str, str]], incomplete: str) -> list[CompletionItem]:
    """What a shell offers: names, each with a word of help. A name that steers a terminal is left out."""
    return [
        CompletionItem(name, help=clean(says))
        for name, says in offered
        if name.startswith(incomplete) and clean(name) == name
    ]
