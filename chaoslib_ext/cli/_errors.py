"""How a command ends: our errors as one line and an exit code, never as a traceback.

Exit codes: 0 done; 1 it could not be done (ExtError); 2 what was typed is wrong: an option, a value, a file, or a name
that is not there (click's own usage errors, BadInput, and what was not found); 70 a defect of ours (EX_SOFTWARE,
sysexits.h); 130 Ctrl-C; 141 the reader of our output went away (128 + SIGPIPE).
"""

import io
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from chaoslib_ext.clean_text import clean, traceback_text
from chaoslib_ext.errors import BadInput, ExtError, ProxyNotFound, RecordNotFound, ToxicNotFound

from ._say import say, styled

__all__ = ["ExtCommand", "ExtGroup", "say_error"]

_MISTYPED = (BadInput, ProxyNotFound, ToxicNotFound, RecordNotFound)
"""A person cannot tell who looks a name up, we or a server: a wrong name is a wrong name."""


def say_error(message: str) -> None:
    """Print `Error: ...` to stderr, red where colour is wanted (never with NO_COLOR)."""
    say(message, err=True, head=styled("Error:", fg="red", bold=True) + " ")


@contextmanager
def told() -> Iterator[None]:
    """Turn whatever a command raises into words and an exit code (see the module's head)."""
    _print_what_can_be_printed()
    try:
        yield
    except ExtError as error:
        say_error(str(error))
        raise click.exceptions.Exit(2 if isinstance(error, _MISTYPED) else 1) from error
    except KeyboardInterrupt:
        say("Stopped.", err=True)
        raise click.exceptions.Exit(130) from None
    except BrokenPipeError:
        _quiet_stdout()
        raise click.exceptions.Exit(141) from None
    except click.ClickException as error:
        said = clean(error.format_message())  # click quotes what was typed, and so what `*` found
        error.format_message = lambda: said  # type: ignore[method-assign]
        raise
    except (click.Abort, click.exceptions.Exit):
        raise
    except Exception as error:
        if isinstance(error, OSError) and _is_of_output(error):
            _quiet_stdout()
            say_error(f"cannot write the output: {error.strerror or error}")
            raise click.exceptions.Exit(1) from error
        say_error(_defect(error))
        raise click.exceptions.Exit(70) from error


class ExtCommand(click.Command):
    """A command whose errors are told in one line."""

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Parse; an option's own check may raise our errors too."""
        with told():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with told():
            return super().invoke(ctx)


class ExtGroup(click.Group):
    """A group of such commands; `group.command()` and `group.group()` make the same kinds."""

    command_class = ExtCommand
    group_class = type

    def invoke(self, ctx: click.Context) -> Any:
        """Run the group and the command below it."""
        with told():
            return super().invoke(ctx)


def _defect(error: Exception) -> str:
    text = traceback_text(error)
    if os.environ.get("CHAOS_DEBUG"):
        say(text, err=True)
    return (
        f"{type(error).__name__}: {error}: this is a defect in chaostoolkit-ext. {_kept(text)} "
        "Run it again with CHAOS_DEBUG=1 to see the traceback, and report it as CONTRIBUTING.md says."
    )


def _kept(text: str) -> str:
    from chaoslib_ext.clock import SYSTEM, new_id
    from chaoslib_ext.folders import state_dir

    try:
        file = state_dir("defects") / f"{SYSTEM.wall():%Y%m%dT%H%M%SZ}-{new_id()}.txt"
        file.write_text(text, encoding="utf-8", errors="backslashreplace")
    except (ExtError, OSError) as error:
        return f"(The details could not be kept: {error}.)"
    return f"The details are in {file}."


def _print_what_can_be_printed() -> None:
    """A terminal or pipe that knows no ✓ (latin-1), or a folder's name that is no text, shows `?` and ends nothing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors in ("strict", "surrogateescape"):
            stream.reconfigure(errors="replace")


def _is_of_output(error: OSError) -> bool:
    """Was it our output that could not be written? Then it comes out of the two libraries that print for us."""
    frames = list(traceback.walk_tb(error.__traceback__))
    return error.filename is None and frames[-1][0].f_globals.get("__name__", "").partition(".")[0] in ("click", "rich")


def _quiet_stdout() -> None:
    # Python flushes stdout once more when it ends; let that go nowhere (docs.python.org, library/signal, SIGPIPE)
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
