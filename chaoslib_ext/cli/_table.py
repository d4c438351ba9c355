"""Rows for people and for `grep`: a drawn table on a terminal, tab-separated lines anywhere else."""

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from chaoslib_ext.clean_text import clean

from ._say import say, say_made

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["print_table"]


_GAP = 3
"""Characters between two columns: our padding, and one of rich's own."""


def print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a head and rows to stdout, each cell on one line and clean; with NO_COLOR without any escape sequence.

    Only the last column may run over several lines, between its words. Where the terminal is too narrow for that, each
    row becomes a block with one value a line: nothing is cut, and no address broken.
    """
    rows = [[clean(cell) for cell in row] for row in rows]
    if sys.stdout.isatty() and os.environ.get("TERM") != "dumb":
        _draw(head, rows)
    else:
        for row in (head, *rows):
            say_made("\t".join(row) + "\n")


def _draw(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console

    console = Console(color_system=None) if os.environ.get("NO_COLOR") else Console()
    if _needed(head, rows) <= console.width:
        _draw_table(console, head, rows)
    else:
        _print_blocks(head, rows)


def _needed(head: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """The least width: every column whole, of the last one its longest word."""
    from rich.cells import cell_len

    *whole, last = zip(head, *rows, strict=True)
    words = (word for cell in last for word in cell.split())
    widths = [max(map(cell_len, cells)) for cells in whole]
    return sum(widths) + _GAP * len(widths) + max(map(cell_len, words), default=0)


def _draw_table(console: "Console", head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, _GAP - 1, 0, 0), collapse_padding=True, show_edge=False)
    for title in head:
        table.add_column(title, no_wrap=title != head[-1], overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))  # Text: a name such as [red] is not markup
    console.print(table)


def _print_blocks(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    indent = max(map(len, head[1:]), default=0)
    for name, *rest in rows:
        say(name)
        for title, cell in zip(head[1:], rest, strict=True):
            say(f"  {title:<{indent}}  {cell}")
