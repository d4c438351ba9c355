"""A policy through its own rules: errors that make it unusable, and words that match no link here."""

import re
from collections.abc import Iterator
from pathlib import Path as FilePath

from chaoslib_ext.errors import BadFile
from chaoslib_ext.links.known import known_links
from chaoslib_ext.safety.policy_file import PolicyFile
from chaoslib_ext.safety.policy_file import read as read_policy
from chaoslib_ext.safety.policy_place import NAME
from chaoslib_ext.safety.unknown_words import unknown, unused_windows
from chaoslib_ext.safety.unreached_rules import unreached
from chaoslib_ext.whole_file import read_whole

from .finding import Finding, Hit, Rule, Severity
from .tree import Place, Tree
from .yaml_text import read_yaml

__all__ = ["RULES", "is_policy", "lint_policy"]

BAD_POLICY = Rule(
    "bad-policy",
    Severity.ERROR,
    "A policy that cannot be used: an unknown key, or an invalid word or limit.",
    "Every run for which it counts is refused.",
    "Correct it; the reference lists the keys of a policy, and `chaos plan --policy-schema` gives them to an editor.",
)
UNKNOWN_LINK = Rule(
    "policy-unknown-link",
    Severity.NOTE,
    "A rule of a policy names a link, a tag or a service that no links.yaml here knows.",
    "The word matches no link here. That is fine if the policy serves other repositories too. If it is a typing error, "
    "a rule that refuses does not match the link.",
    "Write the word as links.yaml has it, or leave it for those who have such a link.",
)
UNUSED_WINDOW = Rule(
    "policy-unused-window",
    Severity.NOTE,
    "A window of a policy that no rule names.",
    "It limits nothing: a rule without `when` allows at any time.",
    "Name it in the `when` of a rule, or take it out.",
)
UNREACHED_RULE = Rule(
    "policy-unreached-rule",
    Severity.WARNING,
    "A rule of a policy that never decides: one above it speaks of all its links, kinds of fault, servers and people.",
    "The first rule that speaks of a fault decides. A rule that refuses does nothing below one that allows the same.",
    "Put it above the wider rule, or take it out.",
)
RULES = (BAD_POLICY, UNKNOWN_LINK, UNREACHED_RULE, UNUSED_WINDOW)

_HAS = tuple(re.compile(rb"(?m)^%s\s*:" % key) for key in (b"schema_version", b"rules"))
_LINE = re.compile(r"\s*line (\d+): (.*)")


def is_policy(file: FilePath) -> bool:
    """True for a file of a policy's name, and for one with the two keys that every policy has."""
    if file.name == NAME:
        return True
    try:
        raw = read_whole(file)
    except (OSError, BadFile):
        return False
    return all(key.search(raw) for key in _HAS)


def lint_policy(file: FilePath) -> list[Finding]:
    """The errors of that policy, and its words that match no link here."""
    tree = _tree(file)
    try:
        policy = read_policy(file)
    except BadFile as error:
        hits = list(_faults(str(error)))
    else:
        hits = list(_notes(policy))
    found = [Finding(str(file), hit.place or (tree.place(hit.path) if tree else Place(1, 1)), hit) for hit in hits]
    return sorted(found, key=lambda one: (one.place, one.hit.says))


def _tree(file: FilePath) -> Tree | None:
    try:
        return read_yaml(read_whole(file).decode())[0]
    except (OSError, BadFile, UnicodeDecodeError):
        return None  # reading it as a policy says so


def _faults(told: str) -> Iterator[Hit]:
    """One for each line that is named; else the whole message."""
    lines = [found for line in told.splitlines() if (found := _LINE.fullmatch(line))]
    for found in lines:
        yield BAD_POLICY.at((), found[2], place=Place(int(found[1]), 1))
    if not lines:
        yield BAD_POLICY.at((), " ".join(told.split()), place=Place(1, 1))


def _notes(file: PolicyFile) -> Iterator[Hit]:
    try:
        known = known_links()
    except BadFile:
        known = None  # of links.yaml, and told by what reads it
    for one in unknown(file.policy, known) if known else ():
        says = f"rule {file.policy.rules[one.rule].name!r}: {one.says}"
        yield UNKNOWN_LINK.at(("rules", one.rule, "links", one.word), says)
    for number, above in unreached(file.policy):
        says = f"rule {file.policy.rules[number].name!r} never decides: rule {above!r} above it speaks of all of it"
        yield UNREACHED_RULE.at(("rules", number), says)
    for name in unused_windows(file.policy):
        yield UNUSED_WINDOW.at(("windows", name), f"no rule names the window {name}")
