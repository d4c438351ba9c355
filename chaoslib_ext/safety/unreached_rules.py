"""Rules of a policy that never decide, for one above them speaks of all that they speak of; told only."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from .policy import Policy, Rule
from .policy_words import KINDS, TOXICS

__all__ = ["unreached"]


def unreached(policy: Policy) -> Iterator[tuple[int, str]]:
    """The number of each such rule, and the name of the first rule that decides in its place."""
    for number, rule in enumerate(policy.rules):
        above = next((one for one in policy.rules[:number] if _speaks_of_all(one, rule)), None)
        if above is not None:
            yield number, above.name


def _speaks_of_all(above: Rule, rule: Rule) -> bool:
    return (
        _kinds(rule) <= _kinds(above)
        and all(_is_covered(word, above.links) for word in rule.links)
        and ("*" in above.servers or set(rule.servers) <= set(above.servers))
        and ("anybody" in above.by or set(rule.by) <= set(above.by))
    )


def _kinds(rule: Rule) -> set[str]:
    meant = {"any": KINDS, "any toxic": TOXICS}
    return {kind for word in rule.kinds for kind in meant.get(word, (word,))} - set(meant)


def _is_covered(word: str, above: tuple[str, ...]) -> bool:
    """Of two globs only the same are compared, and `*`."""
    is_name = not any(sign in word for sign in "*?[:")
    return "*" in above or word in above or (is_name and any(fnmatchcase(word, one) for one in above))
