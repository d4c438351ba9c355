"""YAML as a compose file means it: values stay text and know their line; no number is made of `2222:22`."""

from pathlib import Path
from typing import Any

import yaml

from chaoslib_ext.clean_text import one_line
from chaoslib_ext.errors import BadFile

__all__ = ["Text", "loaded"]

_KEPT = ("tag:yaml.org,2002:merge", "tag:yaml.org,2002:null")
"""What YAML may make of plain text here; all else (numbers, dates, yes and no) stays what was written."""


class Text(str):
    """A value as it is written, and where: `file` and `line` (from 1)."""

    __slots__ = ("file", "line")

    file: Path
    line: int

    def __new__(cls, text: str, file: Path, line: int) -> "Text":
        """Text of a place."""
        made = super().__new__(cls, text)
        made.file, made.line = file, line
        return made

    def as_of_here(self, text: str) -> "Text":
        """Another text, of the same place."""
        return Text(text, self.file, self.line)


class _Loader(yaml.SafeLoader):
    path = Path()


_Loader.yaml_implicit_resolvers = {
    sign: [one for one in resolvers if one[0] in _KEPT]
    for sign, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _text(loader: _Loader, node: yaml.ScalarNode) -> Text:
    return Text(node.value, loader.path, node.start_mark.line + 1)


def _tagged(loader: _Loader, suffix: str, node: yaml.Node) -> Any:
    """`!override` is its value, `!reset` is nothing (docs.docker.com/reference/compose-file/merge)."""
    if suffix == "reset":
        return None
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    return loader.construct_sequence(node, deep=True) if isinstance(node, yaml.SequenceNode) else _text(loader, node)  # type: ignore[arg-type]


_Loader.add_constructor("tag:yaml.org,2002:str", _text)
_Loader.add_multi_constructor("!", _tagged)


def loaded(path: Path) -> list[Any]:
    """The documents of a YAML file, scalars as Text. Raises BadFile: no file, a folder, not UTF-8, not YAML."""
    text = _read(path)
    documents = []
    try:
        loader = _Loader(text)
        loader.path = path
        while loader.check_data():  # type: ignore[no-untyped-call]
            documents.append(loader.get_data())
    except yaml.MarkedYAMLError as error:
        raise BadFile(
            f"{path}{_spot(error)} is not YAML: {error.problem or error.context}. Nothing was changed"
        ) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise BadFile(f"{path} is not YAML: {one_line(str(error))}. Nothing was changed") from error
    return documents


def _read(path: Path) -> str:
    if path.is_dir():
        inside = sorted(one.name for one in path.iterdir() if "compose" in one.name and one.suffix in (".yml", ".yaml"))
        told = f"name the file in it: {', '.join(inside)}" if inside else "no file in it is called compose"
        raise BadFile(f"{path} is a folder; {told}")
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8") from error
    except OSError as error:
        raise BadFile(f"cannot read {path}: {error.strerror or error}") from error


def _spot(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    return f", line {mark.line + 1}, column {mark.column + 1}," if mark else ""
