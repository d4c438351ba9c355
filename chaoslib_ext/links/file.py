"""`links.yaml`: read with every fault named by its line, written whole, and changed by as little text as can be."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from chaoslib_ext.clean_text import one_line
from chaoslib_ext.durable import replaced
from chaoslib_ext.errors import BadFile, BadInput, did_you_mean
from chaoslib_ext.proxy.address import host_port
from chaoslib_ext.server_name import normal_form
from chaoslib_ext.whole_file import read_up_to

__all__ = ["SCHEMA_VERSION", "Link", "added", "parsed", "read", "removed", "save", "written"]

SCHEMA_VERSION = 1
_KEYS = ("name", "listen", "upstream", "tags", "service")


@dataclass(frozen=True)
class Link:
    """One link: a proxy `name` that listens on `listen` and leads to `upstream` (both host:port)."""

    name: str
    listen: str
    upstream: str
    tags: tuple[str, ...] = ()
    service: str | None = None
    line: int = field(default=0, compare=False)

    def as_json(self) -> dict[str, Any]:
        """Plain data as it stands in the file; `tags` and `service` only where there are any."""
        data: dict[str, Any] = {"name": self.name, "listen": self.listen, "upstream": self.upstream}
        if self.tags:
            data["tags"] = list(self.tags)
        return {**data, "service": self.service} if self.service else data


def read(path: Path) -> tuple[Link, ...]:
    """The links of a file; none where there is no file. Raises BadFile with all that is wrong, each with its line."""
    return parsed(_text(path), path)


@lru_cache(maxsize=8)
def parsed(text: str, path: Path) -> tuple[Link, ...]:
    """The links of a text; `path` is for the message. Raises BadFile. What did not change is not parsed again."""
    faults: list[str] = []
    links = list(_links(_root(text, path), faults))
    faults += _across(links)
    if faults:
        raise BadFile(f"{path} cannot be used; mend it and try again:", more=[f"  {one}" for one in faults])
    return tuple(links)


def written(path: Path, links: Sequence[Link]) -> None:
    """Write a whole file, in place of any there is. Raises BadFile when it cannot be written."""
    data = {"schema_version": SCHEMA_VERSION, "links": [link.as_json() for link in links]}
    save(path, yaml.safe_dump(data, sort_keys=False, allow_unicode=True))


def save(path: Path, text: str) -> None:
    """Replace the file by `text`, whole or not at all. Raises BadFile."""
    try:
        real = Path(os.path.realpath(path))  # a symbolic link stays one
        replaced(real, text, real.stat().st_mode & 0o777 if real.exists() else 0o644)
    except OSError as error:
        raise BadFile(
            f"cannot write {path}: {error.strerror}; nothing was changed. Free it, or set CHAOS_LINKS"
        ) from error


def added(text: str, link: Link, path: Path) -> str:
    """The text with one link more at the end of its list; all else stays as it is. Raises BadFile."""
    before = parsed(text, path)
    links = _value(_root(text, path), "links")
    flow = yaml.safe_dump(link.as_json(), default_flow_style=True, sort_keys=False, width=10**6).strip()
    if not isinstance(links, yaml.SequenceNode):
        head = "" if text.strip() else f"schema_version: {SCHEMA_VERSION}\n"
        body = _without_links_key(text, path)
        after = f"{body}{'' if not body or body.endswith(chr(10)) else chr(10)}{head}links:\n{_block(link, 2)}"
    elif links.flow_style:
        at = links.end_mark.index - 1
        after = text[:at].rstrip() + (", " if links.value else "") + flow + text[at:]
    else:
        at = _line_end(text, _last(links.value[-1]))
        after = text[:at].rstrip("\n") + "\n" + _block(link, links.start_mark.column) + text[at:].removeprefix("\n")
    return _checked(after, (*before, link), path)


def removed(text: str, name: str, path: Path) -> str:
    """The text without the link of that name; all else stays as it is. Raises BadFile."""
    before = parsed(text, path)
    links = _value(_root(text, path), "links")
    assert isinstance(links, yaml.SequenceNode), "a link was found in it"
    at = next(index for index, one in enumerate(before) if one.name == name)
    item = links.value[at]
    if len(before) == 1:
        start = links.start_mark.index
        end = links.end_mark.index if links.flow_style else _last(item)
        after = text[:start].rstrip() + " []" + text[end:]
    elif links.flow_style:
        start = item.start_mark.index if at == 0 else links.value[at - 1].end_mark.index
        after = text[:start] + text[links.value[1].start_mark.index if at == 0 else item.end_mark.index :]
    else:
        start = text.rfind("\n", 0, item.start_mark.index) + 1
        after = text[:start] + text[_line_end(text, _last(item)) :].removeprefix("\n")
    return _checked(after, before[:at] + before[at + 1 :], path)


def _text(path: Path) -> str:
    try:
        return read_up_to(path).decode("utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise BadFile(f"cannot read the links in {path}: {why}") from error


def _root(text: str, path: Path) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise BadFile(f"{path} is not YAML: {one_line(str(error))}") from error


def _value(node: yaml.Node | None, key: str) -> yaml.Node | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((value for name, value in pairs if name.value == key), None)


def _links(root: yaml.Node | None, faults: list[str]) -> Iterator[Link]:
    if root is None:
        return
    if not isinstance(root, yaml.MappingNode):
        faults.append("line 1: write `schema_version: 1` and `links:` with a list below it")
        return
    for key, _ in root.value:
        if key.value not in ("schema_version", "links"):
            near = did_you_mean(str(key.value), ("schema_version", "links"))
            faults.append(f"line {_line(key)}: unknown key {key.value!r}{near}")
    version = _value(root, "schema_version")
    if version is None or version.value != str(SCHEMA_VERSION):
        found = "missing" if version is None else f"{version.value!r}; a newer chaostoolkit-ext may have written it"
        faults.append(f"line {_line(version or root)}: schema_version must be {SCHEMA_VERSION}, but is {found}")
        return
    links = _value(root, "links")
    if isinstance(links, yaml.SequenceNode):
        for item in links.value:
            if link := _link(item, faults):
                yield link
    elif links is not None and links.value != "":
        faults.append(f"line {_line(links)}: links must be a list, each with name, listen and upstream")


def _link(item: yaml.Node, faults: list[str]) -> Link | None:
    line, before = _line(item), len(faults)
    if not isinstance(item, yaml.MappingNode):
        faults.append(f"line {line}: a link is written as name: ..., listen: host:port, upstream: host:port")
        return None
    data = {}
    for key, node in item.value:
        if key.value not in _KEYS:
            faults.append(f"line {_line(key)}: a link has no {key.value!r}{did_you_mean(str(key.value), _KEYS)}")
        elif key.value in data:
            faults.append(f"line {_line(key)}: {key.value} stands twice; keep one")
        data[key.value] = node
    for key in ("name", "listen", "upstream"):
        node = data.get(key)
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            faults.append(f"line {_line(node or item)}: the link needs {key}: write it as text")
        elif key != "name":
            _address(node, key, faults)
    tags, service = data.get("tags"), data.get("service")
    if tags is not None and not _is_words(tags):
        faults.append(f"line {_line(tags)}: tags is a list of words, such as [database]")
    if service is not None and not isinstance(service, yaml.ScalarNode):
        faults.append(f"line {_line(service)}: service is one word")
    if len(faults) > before:
        return None
    words = tuple(str(one.value) for one in tags.value) if tags is not None else ()
    who = str(service.value) if service is not None else None
    return Link(data["name"].value, data["listen"].value, data["upstream"].value, words, who, line)


def _address(node: yaml.Node, key: str, faults: list[str]) -> None:
    try:
        host_port(node.value, source=key)
    except BadInput as error:
        faults.append(f"line {_line(node)}: {error}")


def _is_words(node: yaml.Node) -> bool:
    return isinstance(node, yaml.SequenceNode) and all(isinstance(one, yaml.ScalarNode) for one in node.value)


def _across(links: Sequence[Link]) -> list[str]:
    """What is wrong between links: a name or an address twice, and ways that lead back to where they begin."""
    faults, names, listens = [], dict[str, Link](), dict[str, Link]()
    for link in links:
        if link.name in names:
            faults.append(f"line {link.line}: the name {link.name} stands on line {names[link.name].line} already")
        place = normal_form(link.listen)
        if place in listens:
            faults.append(
                f"line {link.line}: {listens[place].name} listens on {link.listen} already; take another port"
            )
        names.setdefault(link.name, link)
        listens.setdefault(place, link)
    for link in links:
        way, here = [link.name], listens.get(normal_form(link.upstream))
        while here and here.name not in way:
            way.append(here.name)
            here = listens.get(normal_form(here.upstream))
        if here and here.name == link.name:
            told = (
                "it leads to itself" if len(way) == 1 else f"it leads back to itself: {' -> '.join([*way, link.name])}"
            )
            faults.append(f"line {link.line}: {link.name}: {told}; its upstream must be the real service")
    return faults


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _last(node: yaml.Node) -> int:
    """Where the last word of a node ends (a block's own mark lies behind the comments that follow it)."""
    if node.value and isinstance(node, yaml.MappingNode) and not node.flow_style:
        return _last(node.value[-1][1])
    if node.value and isinstance(node, yaml.SequenceNode) and not node.flow_style:
        return _last(node.value[-1])
    return int(node.end_mark.index)


def _line_end(text: str, index: int) -> int:
    end = text.find("\n", index)
    return len(text) if end < 0 else end


def _block(link: Link, column: int) -> str:
    lines = yaml.safe_dump(link.as_json(), sort_keys=False, allow_unicode=True, default_flow_style=None).splitlines()
    pad = " " * column
    return "".join(f"{pad}{'- ' if number == 0 else '  '}{line}\n" for number, line in enumerate(lines))


def _without_links_key(text: str, path: Path) -> str:
    """A `links:` with nothing below it is taken out: it is written anew."""
    root = _root(text, path)
    for key, _ in root.value if isinstance(root, yaml.MappingNode) else []:
        if key.value == "links":
            return text[: key.start_mark.index] + text[_line_end(text, key.end_mark.index) :].removeprefix("\n")
    return text


def _checked(after: str, wanted: tuple[Link, ...], path: Path) -> str:
    if parsed(after, path) != wanted:
        raise BadFile(f"{path} is laid out in a way that cannot be changed by text; change it by hand")
    return after
