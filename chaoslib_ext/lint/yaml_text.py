"""YAML as the host reads it: PyYAML, YAML 1.1, with the place of every part.

Built from the nodes and not by `safe_load`: that drops duplicate keys without a word, knows no lines, and lets errors
through that are no YAMLError (`!!timestamp x`, `2026-02-30`).
"""

from collections.abc import Iterator
from typing import Any

import yaml

from .finding import Hit
from .limits import TOO_DEEP
from .syntax import BAD_SCALAR, BAD_TAG, DUPLICATE_KEY, NOT_YAML
from .tree import Place, Tree
from .yaml_words import surprise

__all__ = ["read_yaml"]

_MERGE = "tag:yaml.org,2002:merge"
_MAPPINGS = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:set")
_SEQUENCES = ("tag:yaml.org,2002:seq", "tag:yaml.org,2002:omap", "tag:yaml.org,2002:pairs")


def read_yaml(text: str) -> tuple[Tree | None, list[Hit]]:
    """The tree, and what was found on the way; no tree where the host would read none."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        reader = _Reader()
        data = reader.value(node) if node is not None else None
    except yaml.YAMLError as error:
        return None, [_not_yaml(error, text)]
    except RecursionError:
        return None, [TOO_DEEP.at((), "nested so deeply that the host breaks off", place=Place(1, 1))]
    if reader.is_unreadable:
        return None, reader.hits
    return Tree(data, _place(node) if node is not None else Place(1, 1), reader.marks), reader.hits


def _not_yaml(error: yaml.YAMLError, text: str) -> Hit:
    mark = getattr(error, "problem_mark", None)
    if mark is None:  # a character that YAML does not know
        before = text[: getattr(error, "position", 0)]
        place = Place(before.count("\n") + 1, len(before) - before.rfind("\n"))
        code = getattr(error, "character", 0)
        code = code if isinstance(code, int) else ord(code)
        return NOT_YAML.at((), f"not YAML: the character U+{code:04X} may not stand in it", place=place)
    said, context = getattr(error, "problem", None) or "cannot be read", getattr(error, "context", None)
    around = f" {context}" if context else ""
    return NOT_YAML.at((), f"not YAML:{around} {said}", place=Place(mark.line + 1, mark.column + 1), cure=_cure(said))


def _cure(said: str) -> str:
    if "\\t" in said:
        return "Indent with spaces: YAML takes no tabs there."
    if "mapping values are not allowed" in said:
        return "Put the text in quotes: a colon and a space begin a new mapping."
    return "" if "single document" not in said else "One experiment a file: take the other document (after ---) out."


def _place(node: yaml.Node) -> Place:
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)


class _Reader:
    """Nodes into data; each node is built once, as the host does, so aliases stay the same object."""

    def __init__(self) -> None:
        self.marks: dict[int, dict[Any, Place]] = {}
        self.hits: list[Hit] = []
        self.is_unreadable = False
        self._built: dict[int, Any] = {}
        self._scalars = yaml.SafeLoader("")

    def value(self, node: yaml.Node, *, is_key: bool = False) -> Any:
        """What the host makes of it."""
        if id(node) in self._built:
            return self._built[id(node)]
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node)
        if isinstance(node, yaml.SequenceNode):
            return self._sequence(node)
        assert isinstance(node, yaml.ScalarNode), "there are three kinds of nodes"
        data = self._built[id(node)] = self._scalar(node)
        self.hits += surprise(node, data, _place(node), is_key=is_key)
        return data

    def _scalar(self, node: yaml.Node) -> Any:
        try:
            return self._scalars.construct_object(node)
        except yaml.constructor.ConstructorError as error:
            self._refuse(BAD_TAG.at((), f"the host cannot read {node.tag}: {error.problem}", place=_place(node)))
        except Exception as error:  # PyYAML lets ValueError, AttributeError and others through; so does the host
            says = f"{node.value!r} cannot be read as {node.tag.rpartition(':')[2]}: {error}"
            self._refuse(BAD_SCALAR.at((), says, place=_place(node)))
        return None

    def _refuse(self, hit: Hit) -> None:
        self.hits.append(hit)
        self.is_unreadable = True

    def _sequence(self, node: yaml.SequenceNode) -> list[Any]:
        data = self._built[id(node)] = []
        self._check_tag(node, _SEQUENCES)
        data += [self.value(one) for one in node.value]
        self.marks[id(data)] = {number: _place(one) for number, one in enumerate(node.value)}
        return data

    def _mapping(self, node: yaml.MappingNode) -> dict[Any, Any]:
        data: dict[Any, Any] = {}
        self._built[id(node)], places = data, self.marks.setdefault(id(data), {})
        self._check_tag(node, _MAPPINGS)
        merged: list[dict[Any, Any]] = []
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                merged += self._merged(value_node)
                continue
            key = self._key(key_node)
            if key in data:
                says = f"{key!r} stands twice; this one counts, the one on line {places[key].line} is lost"
                self.hits.append(DUPLICATE_KEY.at((), says, place=_place(key_node)))
            data[key], places[key] = self.value(value_node), _place(key_node)
        for source in merged:
            for key, value in source.items():
                if key not in data:
                    data[key], places[key] = value, self.marks[id(source)][key]
        return data

    def _key(self, node: yaml.Node) -> Any:
        key = self.value(node, is_key=True)
        if isinstance(key, dict | list):
            self._refuse(BAD_TAG.at((), "a list or a mapping cannot be a key", place=_place(node)))
            return None
        return key

    def _merged(self, node: yaml.Node) -> Iterator[dict[Any, Any]]:
        for one in node.value if isinstance(node, yaml.SequenceNode) else [node]:
            source = self.value(one)
            if isinstance(source, dict):
                yield source
            else:
                self._refuse(BAD_TAG.at((), "<< takes a mapping, or a list of mappings", place=_place(one)))

    def _check_tag(self, node: yaml.Node, known: tuple[str, ...]) -> None:
        if node.tag not in known:
            self._refuse(BAD_TAG.at((), f"the host cannot read the tag {node.tag}", place=_place(node)))
