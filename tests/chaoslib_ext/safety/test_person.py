"""Who asks: the account, not a variable."""

import grp
import os
import pwd

import pytest

from chaoslib_ext.safety.person import Person, this_person


def test_the_name_is_the_accounts_whatever_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("USER", "LOGNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody-else")
    me = this_person()
    assert me.name == pwd.getpwuid(os.geteuid()).pw_name
    assert grp.getgrgid(pwd.getpwuid(os.geteuid()).pw_gid).gr_name in me.groups


def test_root_by_sudo_is_who_typed_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("SUDO_USER", "nobody")
    assert this_person().name == "nobody"
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_000)
    assert this_person().name == "uid 4000000", "the variable counts for root only"


def test_rules_mean_names_groups_and_anybody() -> None:
    ann = Person("ann", frozenset({"sre"}))
    assert ann.is_meant(("bob", "group:sre")) and ann.is_meant(("ann",)) and ann.is_meant(("anybody",))
    assert not ann.is_meant(("sre", "group:ann", "bob"))


def test_case_counts_for_nothing_in_the_names_of_people_and_groups() -> None:
    ann = Person("ann", frozenset({"SRE"}))
    assert ann.is_meant(("Ann",)) and ann.is_meant(("group:sre",)) and not ann.is_meant(("Anne", "group:sr"))
