"""`chaos proxy populate`: make the proxies of a file be there."""

import json
from pathlib import Path
from typing import Any

import click

from ._despite_freeze import despite_freeze_option, refuse_if_frozen
from ._errors import ExtCommand
from ._proxy_options import client_of, example, proxy_in_words, server_options
from ._say import say, say_json
from ._wide import warn_of_wide

__all__ = ["populate"]


@click.command(
    cls=ExtCommand, epilog=example("chaos proxy list --json > proxies.json", "chaos proxy populate proxies.json")
)
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@despite_freeze_option
@server_options
def populate(file: Path, insists: bool, url: str | None, as_json: bool) -> None:
    """Make the proxies of a file (.json, .yaml) be there: a list of name, listen, upstream, enabled, toxics.

    One without `listen` gets a free port of 127.0.0.1; a key that is not known is refused.
    Proxies that are there with the same addresses stay as they are; others of that name are replaced.
    """
    wanted = _entries(file)
    client = client_of(url)
    refuse_if_frozen(f"populating with the proxies of {file}", insists, client)
    made = client.populate(wanted)
    warn_of_wide((one.name, one.listen) for one in made)
    if as_json:
        say_json([one.as_json() for one in made])
    else:
        for one in made:
            say(proxy_in_words(one))
    asked = {entry["name"] for entry in wanted if entry.get("toxics")}
    if bare := sorted(asked & {one.name for one in made if not one.toxics}):
        say(f"Without their toxics: {', '.join(bare)}. {client.url} takes none in populate.", err=True)


def _entries(file: Path) -> list[dict[str, Any]]:
    from chaoslib_ext.errors import BadFile
    from chaoslib_ext.proxy.keys import twin

    content = _parsed(file)
    if not isinstance(content, list):
        raise BadFile(
            f"{file}: it must hold a list of proxies, not {type(content).__name__}; see `chaos proxy list --json`"
        )
    checked = [_checked(entry, f"{file}: proxy {number} of {len(content)}") for number, entry in enumerate(content, 1)]
    if name := twin(entry["name"] for entry in checked):
        raise BadFile(f'{file}: two proxies are named "{name}"; give each a name of its own; nothing was sent')
    return checked


def _checked(given: Any, where: str) -> dict[str, Any]:
    from chaoslib_ext.errors import BadFile, BadInput
    from chaoslib_ext.proxy.address import host_port
    from chaoslib_ext.proxy.arguments import addressable
    from chaoslib_ext.proxy.keys import plain

    try:
        entry = plain(given if isinstance(given, dict) else {})
    except BadInput as error:
        raise BadFile(f"{where}: {error}; nothing was sent") from error
    if missing := [key for key in ("name", "upstream") if not _is_text(entry.get(key))]:
        raise BadFile(f"{where} has no {' and no '.join(missing)} (as text); nothing was sent")
    try:
        addressable("proxy", entry["name"])
        host_port(entry["upstream"], source="its upstream")
        if not isinstance(toxics := entry.get("toxics") or [], list):
            raise BadInput(f"its toxics must be a list, not {type(toxics).__name__}")
        return {**entry, **({"toxics": [_toxic(one) for one in toxics]} if toxics else {})}
    except BadInput as error:
        raise BadFile(f"{where}, {entry['name']}: {error}; nothing was sent") from error


def _toxic(given: Any) -> dict[str, Any]:
    from chaoslib_ext.proxy.arguments import toxic_from
    from chaoslib_ext.proxy.keys import plain_toxic

    return toxic_from(plain_toxic(given) if isinstance(given, dict) else given)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _parsed(file: Path) -> Any:
    from chaoslib_ext.errors import BadFile

    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    try:
        return _yaml(text) if file.suffix in (".yaml", ".yml") else json.loads(text)
    except Exception as error:  # PyYAML lets AttributeError and ValueError escape beside its own
        raise BadFile(f"{file} is not {'YAML' if file.suffix in ('.yaml', '.yml') else 'JSON'}: {error}") from error


def _yaml(text: str) -> Any:
    import yaml

    return yaml.safe_load(text)
