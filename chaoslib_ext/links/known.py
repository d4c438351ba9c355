"""Which links files count here, and what `tag:` and `service:` mean by them."""

import os
from collections.abc import Collection, Iterable
from pathlib import Path

from chaoslib_ext.errors import UnknownTarget, did_you_mean
from chaoslib_ext.folders import at_home, here, state_dir
from chaoslib_ext.safety.unknown_words import KnownLinks

from .file import Link, read

__all__ = ["expanded", "files", "is_selector", "known_links", "lab_file", "named", "on", "own_file"]

_KINDS = ("tag:", "service:")


def own_file(start: Path | None = None) -> Path:
    """Where one's own links are: CHAOS_LINKS; else the nearest links.yaml upwards; else one to be, right here.

    `start` is the folder that `here` means; the working directory, if none is given.
    """
    start = start or here()
    if told := os.environ.get("CHAOS_LINKS"):
        return start / at_home(told)
    return next(
        (at / "links.yaml" for at in (start, *start.parents) if (at / "links.yaml").is_file()), start / "links.yaml"
    )


def lab_file() -> Path:
    """Where `chaos lab up` writes the lab's links."""
    return state_dir() / "lab" / "links.yaml"


def files(start: Path | None = None) -> dict[Path, tuple[Link, ...]]:
    """Every file that counts here, or at `start`, with its links. Raises BadFile."""
    return {path: read(path) for path in dict.fromkeys((own_file(start), lab_file())) if path.exists()}


def known_links(besides: Iterable[str] = ()) -> KnownLinks:
    """All links of the files that count here, and `besides` more names. Raises BadFile."""
    links = [link for known in files().values() for link in known]
    tags = [tag for link in links for tag in link.tags]
    names = [*(link.name for link in links), *(besides if links else ())]
    return KnownLinks.of(names, tags, [link.service for link in links if link.service])


def on(there: Collection[str]) -> list[Link]:
    """The links that are meant on a server with these proxies: one's own, and the lab's if it has any of them."""
    return [
        link
        for path, links in files().items()
        if path != lab_file() or any(one.name in there for one in links)
        for link in links
    ]


def is_selector(wanted: str) -> bool:
    """Is it a `tag:` or a `service:`, and no name?"""
    return wanted.startswith(_KINDS)


def expanded(wanted: Iterable[str]) -> list[str]:
    """Each tag and service as the names of its links; names stay. Raises UnknownTarget with the known ones."""
    return [name for one in wanted for name in ([link.name for link in _meant(one)] if is_selector(one) else [one])]


def named(there: Collection[str], wanted: Iterable[str], *, server: str) -> list[str]:
    """Each tag and service as the names of its links on that server, where `there` are; names stay.

    Raises UnknownTarget when one means nothing, or when the server lacks a part of what a file means by it.
    """
    return [name for one in wanted for name in (_there(one, there, server) if is_selector(one) else [one])]


def _there(wanted: str, there: Collection[str], server: str) -> list[str]:
    meant = [link.name for link in _meant(wanted)]
    found: list[str] = []
    for links in files().values():
        names = [link.name for link in links if link.name in meant]
        here = [name for name in names if name in there]
        if here and len(here) < len(names):
            absent = ", ".join(name for name in names if name not in there)
            raise UnknownTarget(f'"{wanted}" means {absent} too, which is not on {server}; `chaos link check --create`')
        found += here
    if not found:
        raise UnknownTarget(
            f'"{wanted}" means {", ".join(meant)}, not on {server}; put it there: `chaos link check --create`'
        )
    return list(dict.fromkeys(found))


def _meant(wanted: str) -> list[Link]:
    kind, _, word = wanted.partition(":")
    links = [link for known in files().values() for link in known]
    hits = [link for link in links if (word in link.tags if kind == "tag" else word == link.service)]
    if not hits:
        words = (
            {tag for link in links for tag in link.tags}
            if kind == "tag"
            else {it.service for it in links if it.service}
        )
        raise UnknownTarget(f'no link has the {kind} "{word}"{did_you_mean(word, words)}. Nothing was touched')
    return hits
