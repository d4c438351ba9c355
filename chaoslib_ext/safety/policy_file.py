"""A policy read from its file: every fault named by its line, each rule known by its line, the bytes by their hash.

Read as YAML without surprises: `on` and `no` are words, 22:00 is no number, dates are text. What says a thing twice (a
key, an anchor) is refused: in a policy the second word would silently win; so is a key without a value, for a limit of
nothing would be none.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from chaoslib_ext.clean_text import one_line
from chaoslib_ext.errors import BadFile, did_you_mean
from chaoslib_ext.folders import at_home
from chaoslib_ext.whole_file import read_up_to

from .policy import SCHEMA, Policy, Rule

__all__ = ["PolicyFile", "as_json", "parsed", "read", "shown"]

_BIGGEST = 1_000_000
"""Bytes; a bigger file is no policy."""

Place = tuple[Any, ...]


@dataclass(frozen=True)
class PolicyFile:
    """A policy, where it stands, and the hash of its bytes (SHA-256, hex)."""

    path: Path
    sha256: str
    policy: Policy
    lines: tuple[int, ...]
    """The line of each rule, from 1."""

    def where(self, rule: Rule) -> str:
        """`chaos-policy.yaml:14 "lab, any toxic, up to 2 min"`."""
        return f'{shown(self.path)}:{self.line(rule)} "{rule.name}"'

    def line(self, rule: Rule) -> int:
        """On which line a rule begins."""
        return self.lines[self.policy.rules.index(rule)]

    @property
    def approvals(self) -> Path:
        """The folder of the approvals."""
        return self.path.parent / at_home(self.policy.approvals)


def as_json(files: Sequence[PolicyFile]) -> dict[str, Any] | None:
    """For records and `--json`: the first, and `also` the others."""
    told = [{"path": str(file.path), "sha256": file.sha256} for file in files]
    if not told:
        return None
    return {**told[0], **({"also": told[1:]} if told[1:] else {})}


def shown(path: Path) -> str:
    """The path as a person at this place would write it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


def read(path: Path) -> PolicyFile:
    """The policy at `path`. Raises BadFile with all that is wrong; a file that did not change is not parsed again."""
    try:
        content = read_up_to(path, _BIGGEST + 1)
    except OSError as error:
        raise BadFile(f"the policy {path} cannot be read: {error.strerror or error}") from error
    return _read(path, content)


@lru_cache(maxsize=4)
def _read(path: Path, content: bytes) -> PolicyFile:
    if len(content) > _BIGGEST:
        raise BadFile(f"the policy {path} is bigger than {_BIGGEST} bytes")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadFile(f"the policy {path} is not UTF-8: {error}") from error
    policy, lines = parsed(text, path)
    return PolicyFile(path, hashlib.sha256(content).hexdigest(), policy, lines)


def parsed(text: str, path: Path) -> tuple[Policy, tuple[int, ...]]:
    """The policy a text holds, and the line of each rule; `path` is for the message. Raises BadFile."""
    root = _root(text, path)
    faults = list(_unclear(root))
    if faults:
        raise _bad(path, faults)
    try:
        data = _plain(root)
    except RecursionError as error:
        raise BadFile(f"the policy {path} is nested too deeply to be one") from error
    if not isinstance(data, dict):
        raise _bad(path, ["line 1: write `schema_version: 1` and `rules:` with a list below it"])
    _check_version(data, root, path)
    try:
        policy = Policy.model_validate(data)
    except ValidationError as error:
        raise _bad(path, _in_words(error, root)) from error
    return policy, tuple(_line_of(root, ("rules", index)) for index in range(len(policy.rules)))


def _bad(path: Path, faults: list[str]) -> BadFile:
    return BadFile(
        f"the policy {path} cannot be used, so nothing is allowed; mend it:", more=[f"  {one}" for one in faults]
    )


class _Words(yaml.SafeLoader):
    """YAML's own scalars, less those of YAML 1.1 that turn words, times and dates into something else."""


_Words.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag.rpartition(":")[2] in ("null", "float")]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Words.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Words.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?[0-9]+$"), list("-0123456789"))


def _root(text: str, path: Path) -> yaml.Node:
    try:
        loader = _Words(text)
        try:
            root = loader.get_single_node()
        finally:
            loader.dispose()
    except RecursionError as error:
        raise BadFile(f"the policy {path} is nested too deeply to be one") from error
    except Exception as error:  # PyYAML lets ValueError and others out as well
        raise BadFile(f"the policy {path} is not YAML: {one_line(str(error))}") from error
    if root is None:
        raise BadFile(f"the policy {path} is empty; write `schema_version: 1` and `rules:`, or take the file away")
    return root


def _unclear(node: yaml.Node) -> Iterator[str]:
    """Keys that stand twice, keys without a value, and nodes that are used twice (anchors)."""
    seen: set[int] = set()
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            yield f"line {_line(one)}: an anchor (&, *) is used; write it out, a policy is read by tired people"
            continue
        seen.add(id(one))
        if isinstance(one, yaml.MappingNode):
            keys = [str(key.value) for key, _ in one.value]
            yield from (
                f"line {_line(key)}: {key.value} stands twice; keep one"
                for index, (key, _) in enumerate(one.value)
                if str(key.value) in keys[:index]
            )
            yield from (
                f"line {_line(key)}: {key.value} has no value; write one, or take the line out"
                for key, value in one.value
                if value.tag.endswith(":null")
            )
            waiting += [value for _, value in one.value]
        elif isinstance(one, yaml.SequenceNode):
            waiting += one.value


def _plain(node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): _plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(one) for one in node.value]
    kind = node.tag.rpartition(":")[2]
    if kind in ("int", "float"):
        try:
            return int(node.value) if kind == "int" else float(node.value)
        except ValueError:  # .inf, 1:30.5, thousands of digits: refused as text, with their line
            return str(node.value)
    if kind == "bool":
        return node.value == "true"
    return None if kind == "null" else str(node.value)


def _check_version(data: dict[str, Any], root: yaml.Node, path: Path) -> None:
    version = data.get("schema_version")
    if isinstance(version, int) and version > SCHEMA:
        raise BadFile(
            f"the policy {path} is of version {version}, for a newer chaostoolkit-ext; this one knows {SCHEMA}, "
            "so nothing is allowed: upgrade it"
        )
    if version != SCHEMA:
        line = _line_of(root, ("schema_version",))
        raise _bad(path, [f"line {line}: schema_version must be {SCHEMA}, not {version!r}"])


def _in_words(error: ValidationError, root: yaml.Node) -> list[str]:
    said = []
    found = error.errors()
    for one in found:
        if one["type"] == "too_short" and len(found) > 1:
            continue  # a list whose entries are wrong is not short
        place = tuple(step for step in one["loc"] if not (isinstance(step, str) and step.startswith("function-")))
        name = ".".join(str(step) for step in place)
        line = _line_of(root, place)
        if one["type"] == "extra_forbidden":
            said.append(f"line {line}: unknown key {place[-1]!r}{_near(place)}")
        elif one["type"] == "missing":
            said.append(f"line {line}: {name} is missing")
        else:
            reason = one["msg"].removeprefix("Value error, ")
            said.append(f"line {line}: {name + ': ' if name else ''}{reason}")
    return list(dict.fromkeys(said))


def _near(place: Place) -> str:
    known = _keys(Policy)
    for step in place[:-1]:
        known = _BELOW.get(str(step), known)
    return did_you_mean(str(place[-1]), known, most=20)


def _keys(model: Any) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _below() -> dict[str, list[str]]:
    from .policy import AtLeast, AtMost, AtOnce, Blackout, Bounds, Window

    models = {"rules": Rule, "at_most": AtMost, "at_least": AtLeast, "at_once": AtOnce, "windows": Window}
    return {
        name: _keys(model) for name, model in (models | {"blackouts": Blackout, "or_with_approval": Bounds}).items()
    }


_BELOW = _below()


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _line_of(root: yaml.Node, place: Place) -> int:
    """The line of the value at that place, or of the nearest thing above it that is there."""
    node, line = root, _line(root)
    for step in place:
        below = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == step:
                    below, line = value, _line(key)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            below = node.value[step]
            line = _line(below)
        if below is None:
            break
        node = below
    return line
