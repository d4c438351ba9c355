"""Who asks: the account of this process and its groups, as the system knows them; never what a variable claims.

The one exception is `sudo`: root by sudo is the person who typed it, so that a rule for a person still means them.
"""

import grp
import os
import pwd
from dataclasses import dataclass

from .rule_words import composed

__all__ = ["Person", "this_person"]


@dataclass(frozen=True)
class Person:
    """A name and the groups of that name on this machine."""

    name: str
    groups: frozenset[str] = frozenset()

    def is_meant(self, words: tuple[str, ...]) -> bool:
        """Does any of `alice`, `group:sre` or `anybody` mean this person? Case counts for nothing: directories of
        accounts don't mind it, and a rule for `Alice` would pass alice over.
        """
        mine = {self.name, "anybody", *(f"group:{group}" for group in self.groups)}
        return not {composed(one).casefold() for one in mine}.isdisjoint(word.casefold() for word in words)


def this_person() -> Person:
    """The person behind this process."""
    typed = os.environ.get("SUDO_USER", "") if os.geteuid() == 0 else ""
    try:
        entry = pwd.getpwnam(typed) if typed else pwd.getpwuid(os.geteuid())
    except KeyError:  # no entry in the password file, as in many containers
        return Person(typed or f"uid {os.geteuid()}", _named(os.getgroups()))
    return Person(entry.pw_name, _named(os.getgrouplist(entry.pw_name, entry.pw_gid)))


def _named(numbers: list[int]) -> frozenset[str]:
    names = set()
    for number in numbers:
        try:
            names.add(grp.getgrgid(number).gr_name)
        except KeyError:
            names.add(f"gid {number}")
    return frozenset(names)
