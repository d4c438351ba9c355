"""The config file: a JSON array as for POST /populate, toxics included. A file with an error starts no server.

Three things are stricter than the API: a key that nothing would come of is refused, a name may stand there only once,
and a proxy that does not say where it listens does so on 127.0.0.1.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from chaoslib_ext.errors import BadAttribute, BadFile

from .bodies import ApiError, ProxyBody, populated
from .goparse import Pairs, parse
from .keys import LISTEN, plain, plain_toxic, twin

__all__ = ["read", "written"]


def read(file: Path) -> list[ProxyBody]:
    """The proxies of a config file; raises BadFile, which names the file, the entry and the reason."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise BadFile(f"cannot read the config file {file}: {error.strerror}; name one with --config") from error
    try:
        bodies = populated(content)
    except ApiError as error:
        reason = error.message.removeprefix("bad request body: ")
        raise BadFile(
            f"config file {file}: {reason}; it must be a JSON array such as "
            '[{"name": "db", "listen": "127.0.0.1:5433", "upstream": "127.0.0.1:5432", "toxics": []}]'
        ) from None
    _check_keys(parse(content), file)
    if name := twin(body.name for body in bodies):
        raise BadFile(f'config file {file}: two proxies are named "{name}"; give each a name of its own')
    for body in bodies:
        body.listen = body.listen or LISTEN
    return bodies


@contextmanager
def written(bodies: list[ProxyBody]) -> Iterator[Path]:
    """A file with these proxies for the original server, which knows no toxics in it; gone at the end."""
    with NamedTemporaryFile("w", prefix="chaos-proxies-", suffix=".json") as file:
        keys = ("name", "listen", "upstream", "enabled")
        json.dump([{key: getattr(body, key) for key in keys} for body in bodies], file)
        file.flush()
        yield Path(file.name)


def _check_keys(entries: Any, file: Path) -> None:
    for number, entry in enumerate(entries or [], 1):
        try:
            for toxic in plain(_mapping(entry)).get("toxics") or []:
                plain_toxic(_mapping(toxic))
        except BadAttribute as error:
            raise BadFile(f"config file {file}: {error} (at proxy {number})") from None
        except RecursionError:
            raise BadFile(f"config file {file}: nested too deeply (at proxy {number}); flatten it") from None


def _mapping(pairs: Pairs) -> dict[str, Any]:
    """An object as Go read it, those within it too; it is one, or `populated` would not have let it pass."""
    return {key: _mapping(value) if isinstance(value, Pairs) else value for key, value in pairs}
