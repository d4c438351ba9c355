"""A file into a tree, read as the host reads it. The control's lines come from here too."""

from pathlib import Path as FilePath

from chaoslib_ext.errors import BadFile
from chaoslib_ext.whole_file import BIGGEST, read_whole

from .finding import Hit
from .json_text import read_json
from .limits import breach
from .syntax import BYTE_ORDER_MARK, EMPTY, NO_EXTENSION, NOT_A_MAPPING, NOT_UTF8, TOO_BIG, UNREADABLE
from .tree import Place, Tree
from .yaml_text import read_yaml

__all__ = ["SUFFIXES", "read", "read_text"]

SUFFIXES = (".yaml", ".yml", ".json")
"""What the host reads, told by the end of the name."""

_START = Place(1, 1)


def read(file: FilePath) -> tuple[Tree | None, list[Hit]]:
    """The tree, and what was found on the way; no tree where the host would get no experiment."""
    try:
        raw = read_whole(file)
    except OSError as error:
        return None, [UNREADABLE.at((), f"cannot be read: {error.strerror or error}", place=_START)]
    except BadFile:
        return None, [TOO_BIG.at((), f"bigger than {BIGGEST} bytes", place=_START)]
    if file.suffix not in SUFFIXES:
        return None, [NO_EXTENSION.at((), f"the host does not read {file.suffix or 'such a name'}", place=_START)]
    return read_text(raw, file.suffix)


def read_text(raw: bytes, suffix: str) -> tuple[Tree | None, list[Hit]]:
    """The same for bytes that are already here; `suffix` is one of SUFFIXES."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        says = f"byte {error.start} (0x{raw[error.start]:02x}) is not UTF-8"
        return None, [NOT_UTF8.at((), says, place=Place(line, 1))]
    found: list[Hit] = []
    if text.startswith("\ufeff"):
        text = text[1:]
        if suffix == ".json":
            found.append(BYTE_ORDER_MARK.at((), "begins with a byte order mark (U+FEFF)", place=_START))
    if not text.strip():
        return None, [*found, EMPTY.at((), "there is nothing in it", place=_START)]
    tree, hits = read_json(text) if suffix == ".json" else read_yaml(text)
    found += hits
    too_much = breach(tree) if tree else None
    if too_much:
        return None, [*found, too_much]
    if tree and not isinstance(tree.data, dict):
        return None, [*found, _no_mapping(tree)]
    return tree, found


def _no_mapping(tree: Tree) -> Hit:
    if tree.data is None:
        return EMPTY.at((), "there is nothing in it but comments", place=tree.root)
    kind = "a list" if isinstance(tree.data, list) else "a text" if isinstance(tree.data, str) else "a single value"
    return NOT_A_MAPPING.at((), f"it is {kind}, not an experiment", place=tree.root)
