"""The settings file of Chaos Toolkit with our control in it or not, changed by as little text as can be.

The text is edited where YAML's own marks say, so comments, order and spacing of the rest stay byte for byte. What
comes out is parsed again before it replaces the file: only our entry may differ. Where that cannot be done by text
(an alias, a strange layout) the file is written anew and the old one kept beside it.
"""

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import yaml

from chaoslib_ext.clean_text import one_line
from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.durable import replaced
from chaoslib_ext.errors import BadFile, BadInput
from chaoslib_ext.folders import at_home

__all__ = ["MODULE", "NAME", "Change", "Settings", "settings_path"]

NAME = "chaostoolkit-ext"
MODULE = "chaoslib_ext.control"
_ENTRY: dict[str, Any] = {"provider": {"type": "python", "module": MODULE}}
_FLOW = f"{NAME}: {{provider: {{type: python, module: {MODULE}}}}}"
_REMARK = "# added by `chaos enable`; `chaos disable` takes it out again"


def settings_path(ctx: click.Context) -> Path:
    """The settings file that this call of `chaos` reads."""
    from chaoslib.settings import CHAOSTOOLKIT_CONFIG_PATH

    return at_home((ctx.find_object(dict) or {}).get("settings_path") or CHAOSTOOLKIT_CONFIG_PATH)


@dataclass(frozen=True)
class Change:
    """What was done to which file; `backup` when it had to be written anew."""

    path: Path
    enabled: bool
    changed: bool
    says: str
    backup: Path | None = None

    def as_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            "enabled": self.enabled,
            "changed": self.changed,
            "settings": str(self.path),
            "backup": str(self.backup) if self.backup else None,
        }


@dataclass
class Settings:
    """One settings file, read."""

    path: Path
    text: str
    data: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> "Settings":
        """The file, or an empty one where there is none. Raises BadFile when it is no mapping in YAML."""
        try:
            text = path.read_bytes().decode("utf-8")
        except FileNotFoundError:
            return cls(path, "", {})
        except UnicodeEncodeError as error:  # under LC_ALL=C; Chaos Toolkit itself passes over such a file
            raise BadFile(
                f"the settings {path} have a path that this locale cannot encode, so no `chaos` reads them here; set "
                "LC_ALL=C.UTF-8, or name another file with --settings"
            ) from error
        except (OSError, UnicodeDecodeError) as error:
            raise BadFile(f"cannot read the settings {path}: {error}; nothing was changed") from error
        return cls(path, text, _parsed(text, path))

    @property
    def names(self) -> list[str]:
        """Under which names our control stands there."""
        return [name for name, control in _controls(self.data).items() if _is_ours(control)]

    @property
    def modules(self) -> dict[str, str]:
        """Name -> Python module of each control there, ours and others'."""
        providers = {name: one.get("provider") for name, one in _controls(self.data).items() if isinstance(one, dict)}
        return {
            name: str(one["module"]) for name, one in providers.items() if isinstance(one, dict) and "module" in one
        }

    def enable(self) -> Change:
        """Put our control in, unless it is there."""
        if self.names:
            return Change(self.path, True, False, f"Already enabled in {self.path} as {', '.join(self.names)}.")
        wanted = {**self.data, "controls": {**_controls(self.data), NAME: _ENTRY}}
        backup = self._write(_added(self.text), wanted)
        return Change(self.path, True, True, f"Enabled: every `chaos run` that reads {self.path} is recorded.", backup)

    def disable(self) -> Change:
        """Take our control out, under whatever name."""
        if not self.names:
            return Change(self.path, False, False, f"It was not enabled in {self.path}; nothing was changed.")
        names = self.names
        text: str | None = self.text
        for name in names:
            text = _removed(text, name)
        left = {name: control for name, control in _controls(self.data).items() if name not in names}
        wanted = {**self.data, "controls": left}
        backup = self._write(text, wanted)
        return Change(self.path, False, True, f"Disabled in {self.path}.", backup)

    def _write(self, text: str | None, wanted: dict[str, Any]) -> Path | None:
        """Replace the file by `text` if that says just what is wanted, else by what is wanted; gives the backup."""
        backup = None
        if text is None or not _says(text, wanted):
            backup = self._keep_backup()
            text = yaml.safe_dump(wanted, sort_keys=False, allow_unicode=True)
        try:
            _replace(Path(os.path.realpath(self.path)), text)  # a link stays a link
        except OSError as error:
            raise BadInput(f"cannot write the settings {self.path}: {error.strerror}; nothing was changed") from error
        return backup

    def _keep_backup(self) -> Path:
        backup = self.path.with_name(f"{self.path.name}.{SYSTEM.wall():%Y%m%dT%H%M%SZ}.bak")
        try:
            backup.touch(mode=0o600)
            backup.write_bytes(self.text.encode("utf-8"))
        except OSError as error:
            raise BadInput(f"cannot keep a copy at {backup}: {error.strerror}; nothing was changed") from error
        return backup


def _parsed(text: str, path: Path) -> dict[str, Any]:
    try:
        data = yaml.safe_load(text)
    except Exception as error:  # PyYAML lets AttributeError, ValueError and RecursionError out as well
        said = one_line(str(error))
        raise BadFile(f"the settings {path} are no valid YAML: {said}; nothing was changed, mend it first") from error
    if data is None:
        return {}
    if not isinstance(data, dict) or not isinstance(data.get("controls") or {}, dict):
        raise BadFile(f"the settings {path} (or their `controls`) are no mapping; nothing was changed, mend it first")
    return data


def _controls(data: dict[str, Any]) -> dict[str, Any]:
    return dict(data.get("controls") or {})


def _is_ours(control: Any) -> bool:
    provider = control.get("provider") if isinstance(control, dict) else None
    return isinstance(provider, dict) and provider.get("module") == MODULE


def _says(text: str, wanted: dict[str, Any]) -> bool:
    """Does the text mean what is wanted? No `controls`, null and an empty mapping mean the same."""
    try:
        data = yaml.safe_load(text) or {}
    except Exception:
        return False
    return isinstance(data, dict) and {**data, "controls": _controls(data)} == {**wanted, "controls": _controls(wanted)}


def _added(text: str) -> str | None:
    """The text with our entry; None when it cannot be done by text."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    newline = "\r\n" if "\r\n" in text else "\n"
    if root is None:
        return _appended(text, newline)
    if isinstance(root, yaml.MappingNode) and root.flow_style:
        return _added_to_flow_root(text, root)
    found = _entry(root, "controls")
    if found is None:
        return _appended(text, newline)
    key, value = found
    if value.start_mark.index == value.end_mark.index:  # `controls:` and nothing after it
        at = key.end_mark.index + text[key.end_mark.index :].index(":") + 1
        return f"{text[:at]}{newline}  {_FLOW}{text[at:]}"
    if value.id != "mapping":
        return None
    if value.flow_style:
        return _into_flow(text, value, _FLOW)
    column = value.value[0][0].start_mark.column
    at = text.rindex("\n", 0, value.value[0][0].start_mark.index) + 1
    return f"{text[:at]}{' ' * column}{_FLOW}{newline}{text[at:]}"


def _appended(text: str, newline: str) -> str:
    gap = newline if text and not text.endswith(("\n", "\r")) else ""
    return f"{text}{gap}{_REMARK}{newline}controls:{newline}  {_FLOW}{newline}"


def _added_to_flow_root(text: str, root: Any) -> str | None:
    found = _entry(root, "controls")
    if found is None:
        return _into_flow(text, root, f"{_quoted(text, 'controls')}: {{{_flow(text)}}}")
    if found[1].id != "mapping":
        return None
    return _into_flow(text, found[1], _flow(text))


def _flow(text: str) -> str:
    if not _is_json(text):
        return _FLOW
    return f'"{NAME}": {{"provider": {{"type": "python", "module": "{MODULE}"}}}}'  # a file in JSON stays JSON


def _quoted(text: str, word: str) -> str:
    return f'"{word}"' if _is_json(text) else word


def _is_json(text: str) -> bool:
    return re.match(r'\s*\{\s*"', text) is not None


def _into_flow(text: str, mapping: Any, entry: str) -> str:
    at = mapping.start_mark.index + 1
    return f"{text[:at]}{entry}{', ' if mapping.value else ''}{text[at:]}"


def _removed(text: str | None, name: str) -> str | None:
    """The text without that control; None when it cannot be done by text."""
    if text is None:
        return None
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    controls = _entry(root, "controls")
    found = _entry(controls[1], name) if controls else None
    if controls is None or found is None:
        return None
    if controls[1].flow_style:
        return _cut_flow(text, found)
    if len(controls[1].value) == 1 and _REMARK in text:
        own = text.index(_REMARK)
        if text[own + len(_REMARK) : controls[0].start_mark.index].strip() == "":
            return text[:own] + text[_line_end(text, found[1].end_mark.index) :]
    return _cut_lines(text, found)


def _cut_flow(text: str, found: tuple[Any, Any]) -> str:
    start, end = found[0].start_mark.index, found[1].end_mark.index
    rest = text[end:]
    comma = len(rest) - len(rest.lstrip(" \t\r\n"))
    if rest[comma : comma + 1] == ",":
        after = rest[comma + 1 :]
        return text[:start] + (after[1:] if after.startswith(" ") else after)
    return text[:start].rstrip(" \t").removesuffix(",") + rest


def _cut_lines(text: str, found: tuple[Any, Any]) -> str:
    start = text.rfind("\n", 0, found[0].start_mark.index) + 1
    end = _line_end(text, _last_token(found[1]))
    if text[start : found[0].start_mark.index].strip():
        start = found[0].start_mark.index
    return text[:start] + text[end:]


def _last_token(node: Any) -> int:
    """Where the last written thing below a node ends; a block's own end mark lies beyond comments after it."""
    if isinstance(node.value, list) and node.value and not node.flow_style:
        last = node.value[-1]
        return _last_token(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _line_end(text: str, index: int) -> int:
    newline = text.find("\n", max(0, index - 1))
    return len(text) if newline < 0 else newline + 1


def _entry(mapping: Any, name: str) -> tuple[Any, Any] | None:
    if mapping is None or mapping.id != "mapping":
        return None
    return next(((key, value) for key, value in mapping.value if key.value == name), None)


def _replace(path: Path, text: str) -> None:
    if path.exists() and not path.is_file():
        raise BadFile(f"the settings {path} are no file; name one with chaos --settings FILE")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o600  # it may hold tokens (`auths`)
    replaced(path, text, mode)
