"""Which files are meant: names, folders, patterns. Of a folder or a pattern only what looks like an experiment or a
policy.
"""

import os
import re
from collections.abc import Iterator, Sequence
from glob import glob, has_magic
from pathlib import Path

from chaoslib_ext.errors import BadFile, BadInput
from chaoslib_ext.whole_file import read_whole

from .policy import is_policy
from .reading import SUFFIXES

__all__ = ["expand"]

_LOOKS_LIKE = re.compile(
    rb"""(?m)(^\s*|[{,]\s*)["']?(steady-state-hypothesis["']?\s*:|(method|rollbacks)["']?\s*:\s*(\[|\n))"""
)
_LEFT_ALONE = ("node_modules", "__pycache__", "site-packages")


def expand(names: Sequence[str]) -> tuple[list[Path], list[Path]]:
    """The files to read, each once and in order, and those of folders and patterns passed over as no experiments.

    Raises BadInput for a name that is not there, and for a pattern or folder without an experiment.
    """
    wanted: dict[Path, None] = {}
    passed: dict[Path, None] = {}
    for name in names:
        found = list(_meant(name))
        for file, is_named in found:
            (wanted if is_named or _looks_like_an_experiment(file) or is_policy(file) else passed).setdefault(file)
        if not any(file in wanted for file, _ in found):
            raise BadInput(
                f"{name} holds no experiment ({', '.join(SUFFIXES)} with a method) and no policy; name the file itself"
            )
    return list(wanted), [file for file in passed if file not in wanted]


def _meant(name: str) -> Iterator[tuple[Path, bool]]:
    """Each file, and whether it was named itself."""
    path = Path(name)
    if path.is_dir():
        yield from ((file, False) for file in _below(path))
    elif os.path.lexists(path):
        yield path, True
    elif has_magic(name):
        for one in sorted(glob(name, recursive=True)):
            yield from _meant(one) if os.path.isdir(one) else [(Path(one), False)]
    else:
        raise BadInput(f"there is no file {name}; give files, folders, or a pattern in quotes")


def _below(folder: Path) -> Iterator[Path]:
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(one for one in folders if not one.startswith(".") and one not in _LEFT_ALONE)
        yield from (Path(here, one) for one in sorted(files) if one.endswith(SUFFIXES) and not _is_pipe(here, one))


def _is_pipe(folder: str, name: str) -> bool:
    """Or a socket, or a device; a link that leads nowhere is none."""
    path = os.path.join(folder, name)
    return os.path.exists(path) and not os.path.isfile(path)


def _looks_like_an_experiment(file: Path) -> bool:
    try:
        return bool(_LOOKS_LIKE.search(read_whole(file)))
    except BadFile:
        return False  # data
    except OSError:
        return True  # to say that it cannot be read
