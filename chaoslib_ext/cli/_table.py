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
_LEAST = 10
"""Characters of a cell that is cut which must be seen."""


def print_table(head: Sequence[str], rows: Sequence[Sequence[str]], *, is_cut: bool = False) -> None:
    """Print a head and rows to stdout, each cell on one line and clean; with NO_COLOR without any escape sequence.

    No cell runs over several lines: words of others at the beginning of one could pass for ours. Where the terminal is
    too narrow, each row becomes a block with one value a line. `is_cut`: the last column may end in `…` before that.
    """
    rows = [[clean(cell) for cell in row] for row in rows]
    if sys.stdout.isatty() and os.environ.get("TERM") != "dumb":
        _draw(head, rows, is_cut)
    else:
        for row in (head, *rows):
            say_made("\t".join(row) + "\n")


def _draw(head: Sequence[str], rows: Sequence[Sequence[str]], is_cut: bool) -> None:
    from rich.cells import cell_len
    from rich.console import Console

    console = Console(color_system=None) if os.environ.get("NO_COLOR") else Console()
    *whole, last = (max(map(cell_len, cells)) for cells in zip(head, *rows, strict=True))
    room = console.width - sum(whole) - _GAP * len(whole)
    if room >= (min(last, _LEAST) if is_cut else last):
        _draw_table(console, head, [[*row[:-1], _cut(row[-1], room)] for row in rows])
    else:
        _print_blocks(head, rows)


def _cut(cell: str, room: int) -> str:
    from rich.cells import cell_len, set_cell_size

    return cell if cell_len(cell) <= room else f"{set_cell_size(cell, room - 1)}…"


def _draw_table(console: "Console", head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, _GAP - 1, 0, 0), collapse_padding=True, show_edge=False)
    for title in head:
        table.add_column(title, no_wrap=True)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))  # Text: a name such as [red] is not markup
    console.print(table)


def _print_blocks(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    indent = max(map(len, head[1:]), default=0)
    for name, *rest in rows:
        say(name)
        for title, cell in zip(head[1:], rest, strict=True):
            say(f"  {title:<{indent}}  {cell}")
