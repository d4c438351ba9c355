"""Words of a policy that mean no link that is known here; told only, for a policy may serve several repositories."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from chaoslib_ext.errors import did_you_mean

from .policy import Policy
from .rule_words import composed, tag_or_service

__all__ = ["KnownLinks", "Unknown", "unknown", "unused_windows"]


@dataclass(frozen=True)
class KnownLinks:
    """Names, tags and services of all links that are known here."""

    names: frozenset[str]
    tags: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()

    @classmethod
    def of(cls, names: Iterable[str], tags: Iterable[str], services: Iterable[str]) -> "KnownLinks":
        """The same in the Unicode form of a policy's words."""
        return cls(*(frozenset(map(composed, words)) for words in (names, tags, services)))


@dataclass(frozen=True)
class Unknown:
    """A word that means none of them: where it stands, and what to say of it."""

    rule: int
    word: int
    says: str


def unknown(policy: Policy, known: KnownLinks) -> Iterator[Unknown]:
    """Each such word, from above; none where no link is known at all."""
    if not known.names:
        return
    for number, rule in enumerate(policy.rules):
        for index, word in enumerate(rule.links):
            if says := _unknown(word, known):
                yield Unknown(number, index, says)


def unused_windows(policy: Policy) -> list[str]:
    """Names of windows that no rule names."""
    used = {name for rule in policy.rules for name in (*rule.when, *(rule.approved.when if rule.approved else ()))}
    return [name for name in policy.windows if name not in used]


def _unknown(word: str, known: KnownLinks) -> str | None:
    selector = tag_or_service(word)
    if selector is None:
        if word in known.names or any(fnmatchcase(name, word) for name in known.names):
            return None
        is_glob = any(sign in word for sign in "*?[")
        return f"{word} matches no link that is known here" if is_glob else _says("link", word, known.names)
    kind, value = selector
    words = known.tags if kind == "tag" else known.services
    return None if value in words else _says(kind, value, words)


def _says(kind: str, word: str, known: Collection[str]) -> str:
    what = "is called" if kind == "link" else f"has the {kind}"
    return f"no link here {what} {word}{did_you_mean(word, known)}"
