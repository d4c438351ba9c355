"""Which policies count, and whether there must be one.

All of these count: the policy that the site's file, `/etc/chaostoolkit-ext/policy.yaml`, names; the one that the user's
Chaos Toolkit settings name; the one that the variable CHAOS_POLICY names; the nearest `chaos-policy.yaml` at or above
the working directory; and the nearest at or above the experiment. The first two files lie where an experiment's author
does not write: they may say `required: true`, and name Toxiproxy servers whose freeze counts for every fault
(`freeze_sources: [URL, ...]`, both lists together). One of these that is there and cannot be read allows nothing.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError

from chaoslib_ext.clean_text import one_line
from chaoslib_ext.errors import BadFile
from chaoslib_ext.folders import at_home, here
from chaoslib_ext.server_name import split
from chaoslib_ext.whole_file import read_whole

__all__ = ["KEY", "NAME", "SITE", "VARIABLE", "Places", "find", "folders_of", "freeze_sources"]

NAME = "chaos-policy.yaml"
VARIABLE = "CHAOS_POLICY"
SITE = Path("/etc/chaostoolkit-ext/policy.yaml")
"""Only who may write there can change what it says; no variable leads elsewhere."""
SETTINGS = Path("~/.chaostoolkit/settings.yaml")  # chaoslib/settings.py
KEY = "chaostoolkit-ext"
"""Our key in those settings; below it `policy: {required: true, path: ...}`."""


@dataclass(frozen=True)
class Places:
    """The policies that count, each file once; `required_by` names the file that demands one."""

    paths: tuple[Path, ...]
    required_by: Path | None = None


def _absolute(value: Any) -> Any:
    path = at_home(str(value))
    if not path.is_absolute():
        raise ValueError(f"{value!r} must be an absolute path: it counts in every folder")
    return path


def _server(value: str) -> str:
    if "://" not in value or "@" in value or split(value) is None:
        raise ValueError(f"{value!r} is not the URL of a Toxiproxy server, as http://toxiproxy.example:8474")
    return value.rstrip("/")


class _Demand(BaseModel):
    """What a file outside the tree says of the policy, and of who else may freeze."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = 1
    required: bool = False
    path: Annotated[Path, BeforeValidator(_absolute)] | None = None
    freeze_sources: tuple[Annotated[str, AfterValidator(_server)], ...] = ()


def freeze_sources() -> tuple[str, ...]:
    """URLs of the Toxiproxy servers that must be asked before anything goes in. Raises BadFile: then it is closed."""
    own = at_home(SETTINGS)
    demands = (_demand(SITE, _data(SITE)), _demand(own, _below_our_key(own)))
    return tuple(dict.fromkeys(url for demand in demands for url in demand.freeze_sources))


def find(folders: Iterable[Path] = ()) -> Places:
    """The policies that count for a run from the first of these folders, where the others are those of its experiment;
    none: from the working directory. Raises BadFile: then nothing is allowed.
    """
    starts = tuple(folders) or (here(),)
    site = _demand(SITE, _data(SITE))
    own = at_home(SETTINGS)
    user = _demand(own, _below_our_key(own))
    required_by = SITE if site.required else own if user.required else None
    named = (site.path, user.path, _named(starts[0]), *map(_nearest, starts))
    return Places(tuple(_each_once(path for path in named if path is not None)), required_by)


def folders_of(experiment: str | Path | None, start: Path) -> tuple[Path, ...]:
    """The folders in which an experiment lies: as it is named, and where symbolic links lead; none for a URL."""
    file = start / experiment if experiment else start
    if not file.is_file():
        return ()
    return tuple(dict.fromkeys((Path(os.path.abspath(file)).parent, file.parent.resolve(), file.resolve().parent)))


def _named(start: Path) -> Path | None:
    told = os.environ.get(VARIABLE, "").strip()
    return start / at_home(told) if told else None


def _nearest(start: Path) -> Path | None:
    for folder in (start, *start.parents):
        try:
            os.lstat(folder / NAME)  # a link that leads nowhere is a policy that cannot be read
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:  # whether one is there cannot be seen: reading it says why
            pass
        return folder / NAME
    return None


def _each_once(paths: Iterable[Path]) -> Iterator[Path]:
    seen: set[object] = set()
    for path in paths:
        try:
            found = os.stat(path)
            which: object = (found.st_dev, found.st_ino)
        except OSError:
            which = path
        if which not in seen:
            seen.add(which)
            yield path


def _data(file: Path) -> Any:
    try:
        return _parsed(read_whole(file))
    except FileNotFoundError:
        return None
    except BadFile as error:
        raise BadFile(f"{error}, and may demand a policy, so nothing is allowed") from error
    except OSError as error:
        raise BadFile(
            f"{file} cannot be read ({error.strerror}), and may demand a policy, so nothing is allowed"
        ) from error
    except Exception as error:  # PyYAML lets ValueError, RecursionError and others out as well
        said = one_line(str(error))
        raise BadFile(
            f"{file} is not YAML ({said}), and may demand a policy, so nothing is allowed: mend it"
        ) from error


@lru_cache(maxsize=4)
def _parsed(content: bytes) -> Any:
    return yaml.safe_load(content)


def _below_our_key(file: Path) -> Any:
    data = _data(file)
    ours = data.get(KEY) if isinstance(data, dict) else None
    if ours is None:
        return None
    slips = get_close_matches("policy", map(str, ours), n=1) if isinstance(ours, dict) else [KEY]
    if slips and slips != ["policy"]:  # other words of other versions are let pass, a slip of the pen is not
        raise BadFile(f"below {KEY} in {file} no `policy:` can be read ({slips[0]}), so nothing is allowed: mend it")
    return ours.get("policy")


def _demand(file: Path, data: Any) -> _Demand:
    if data is None:
        return _Demand()
    try:
        return _Demand.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(step) for step in first["loc"])
        said = first["msg"].removeprefix("Value error, ")
        raise BadFile(
            f"what {file} says of the policy cannot be understood ({name + ': ' if name else ''}{said}), so nothing is "
            "allowed; it takes `required: true`, `path: /absolute/path` and `freeze_sources: [URL]`"
        ) from error
