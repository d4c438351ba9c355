"""Which policy counts here, and whether one must: said outside the tree, where an experiment's author does not write.

In this order: the site's file, `/etc/chaostoolkit-ext/policy.yaml`; the user's Chaos Toolkit settings; the variable
CHAOS_POLICY; the nearest `chaos-policy.yaml` at or above the working directory. The first two may say `required: true`,
and name the policy, and the Toxiproxy servers whose freeze counts for every fault (`freeze_sources: [URL, ...]`, both
lists together). Whatever of these is there and cannot be read closes the door.
"""

import os
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError

from chaoslib_ext.errors import BadFile
from chaoslib_ext.folders import at_home, here
from chaoslib_ext.server_name import split
from chaoslib_ext.whole_file import read_whole

__all__ = ["KEY", "NAME", "SITE", "VARIABLE", "Place", "find", "freeze_sources"]

NAME = "chaos-policy.yaml"
VARIABLE = "CHAOS_POLICY"
SITE = Path("/etc/chaostoolkit-ext/policy.yaml")
"""Only who may write there can change what it says; no variable leads elsewhere."""
SETTINGS = Path("~/.chaostoolkit/settings.yaml")  # chaoslib/settings.py
KEY = "chaostoolkit-ext"
"""Our key in those settings; below it `policy: {required: true, path: ...}`."""


@dataclass(frozen=True)
class Place:
    """`path` is None when there is no policy; `required_by` names the file that demands one."""

    path: Path | None
    named_by: str = ""
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


def find(start: Path | None = None) -> Place:
    """The policy that counts for who works in `start` (the working directory). Raises BadFile: then it is closed."""
    site = _demand(SITE, _data(SITE))
    own = at_home(SETTINGS)
    user = _demand(own, _below_our_key(own))
    required_by = SITE if site.required else own if user.required else None
    for path, named_by in ((site.path, str(SITE)), (user.path, str(own)), (_named(), VARIABLE)):
        if path is not None:
            return Place(path, named_by, required_by)
    return Place(_nearest(start or here()), "the nearest one upwards", required_by)


def _named() -> Path | None:
    told = os.environ.get(VARIABLE, "").strip()
    return at_home(told).absolute() if told else None


def _nearest(start: Path) -> Path | None:
    for folder in (start, *start.parents):
        if os.path.lexists(folder / NAME):  # a link that leads nowhere is a policy that cannot be read
            return folder / NAME
    return None


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
        said = " ".join(str(error).split())
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
