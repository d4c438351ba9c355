"""The variables a service gets: from its `environment:`, its env files, `.env` beside the file, and the shell."""

import io
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv.parser import parse_stream

from .interpolation import interpolated, names_in
from .service import Service
from .text import Text

__all__ = ["Values", "Variable", "values_beside", "variables_of"]


@dataclass(frozen=True)
class Variable:
    """A variable of a service: its `value`, and the text in a file (`raw`) that one edits to change it."""

    name: str
    value: str
    raw: Text


class Values(dict[str, str]):
    """What `${NAME}` means in a compose file: the shell before the `.env` beside it. `origins`: those of `.env`."""

    def __init__(self, dotenv: Mapping[str, Text], shell: Mapping[str, str]) -> None:
        super().__init__({**dotenv, **shell})
        self.origins = {name: text for name, text in dotenv.items() if name not in shell}


def values_beside(path: Path, shell: Mapping[str, str] | None = None) -> Values:
    """The values for a compose file; `shell` is the environment of this process unless given."""
    return Values(_read(path.parent / ".env") or {}, os.environ if shell is None else shell)


def variables_of(service: Service, folder: Path, values: Values) -> tuple[list[Variable], list[str]]:
    """Its variables, and the env files that are not there (relative to `folder`, where the compose file is)."""
    texts: dict[str, Text] = {}
    absent: list[str] = []
    for name, is_needed in service.env_files:
        read = _read(folder / interpolated(name, values))
        if read is None and is_needed:
            absent.append(interpolated(name, values))
        texts.update(read or {})
    for key, text in (service.environment or {}).items():
        if text is not None:
            texts[key] = text
        elif key in values:
            texts[key] = values.origins.get(key) or Text(values[key], Path("the shell"), 0)
    return [Variable(name, interpolated(raw, values), _edited(raw, values)) for name, raw in texts.items()], absent


def _edited(raw: Text, values: Values) -> Text:
    """Where `${URL}` is the whole text, the line to change is that of URL in `.env`."""
    names = names_in(raw)
    if len(names) == 1 and raw.startswith("$") and raw.endswith(("}", names[0])) and values.get(names[0]):
        return values.origins.get(names[0]) or Text(values[names[0]], Path("the shell"), 0)
    return raw


def _read(path: Path) -> dict[str, Text] | None:
    """The variables of an env file, each with its line; None where there is no such file, or none that can be read."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None
    lines = [one for one in parse_stream(io.StringIO(text)) if one.key]
    return {str(one.key): Text(one.value or "", path, _line(one.original.string, one.original.line)) for one in lines}


def _line(original: str, first: int) -> int:
    """The line of the variable itself: a binding begins with the empty lines before it."""
    return first + len(original) - len(original.lstrip("\n"))
