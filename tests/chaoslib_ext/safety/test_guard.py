"""The guard: may this fault run?"""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.errors import GuardRefused
from chaoslib_ext.model import Target
from chaoslib_ext.safety import freeze, guard, policy_place
from chaoslib_ext.safety.decision import Around, Described, Ruling, Wish
from chaoslib_ext.safety.person import Person
from chaoslib_ext.safety.policy_file import PolicyFile

TARGET = Target(server="http://127.0.0.1:8474", proxy="web", listen="127.0.0.1:1", upstream="127.0.0.1:2")
WISH = Wish("latency", TARGET, {"latency_ms": 40}, 60)
GOOD = "schema_version: 1\nrules:\n  - {name: web, allow: latency, links: web}\n"


def around(file: PolicyFile) -> list[Around]:
    return [Around(Person("ann"), SYSTEM.wall(), Described())]


def ask(senseless: str | None = None) -> Ruling:
    return guard.ask("latency 40 ms", WISH, around, senseless=senseless)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(policy_place, "SITE", tmp_path / "etc.yaml")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_makes_sense_may_run_where_there_is_no_policy() -> None:
    assert ask() == guard.NO_POLICY


def test_what_makes_none_is_refused_with_fault_target_and_reason() -> None:
    with pytest.raises(GuardRefused, match=r"latency 40 ms on web \(http://127.0.0.1:8474\) is refused: it is off"):
        ask("it is off")


def test_under_a_freeze_nothing_may_run() -> None:
    freeze.put("checkout is down", "ann@desk")
    with pytest.raises(GuardRefused, match=r"on web .* is refused: everything is frozen .* ann@desk: checkout is down"):
        ask()
    with pytest.raises(GuardRefused, match=r"no run may begin: everything is frozen .*chaos thaw"):
        guard.ask_for_a_run()
    freeze.lift()
    ask()
    guard.ask_for_a_run()


def test_the_policy_is_asked_and_named(here: Path) -> None:
    (here / "chaos-policy.yaml").write_text(GOOD)
    assert ask().says == 'chaos-policy.yaml:3 "web"'
    (here / "chaos-policy.yaml").write_text(GOOD.replace("allow", "refuse"))
    with pytest.raises(
        GuardRefused, match=r"is refused: chaos-policy.yaml:3 \"web\": it refuses this always. Nothing was"
    ):
        ask()


@pytest.mark.parametrize("text", ["a: [", "schema_version: 2\nrules: []\n", ""])
def test_one_that_is_there_and_broken_closes_required_or_not(here: Path, text: str) -> None:
    (here / "chaos-policy.yaml").write_text(text)
    with pytest.raises(GuardRefused, match=r"cannot be asked.*chaos-policy.yaml"):
        ask()
    with pytest.raises(GuardRefused, match="no run may begin: the policy"):
        guard.ask_for_a_run()


def test_required_and_missing_closes(here: Path) -> None:
    (here / "etc.yaml").write_text("required: true\n")
    with pytest.raises(GuardRefused, match=r"etc.yaml requires a policy and there is none.*CHAOS_POLICY"):
        ask()
    with pytest.raises(GuardRefused, match="no run may begin"):
        guard.ask_for_a_run()
    (here / "chaos-policy.yaml").write_text(GOOD)
    assert ask().allowed


def test_actions_that_are_not_ours_may_be_refused(here: Path) -> None:
    (here / "chaos-policy.yaml").write_text(GOOD)
    guard.ask_for_a_run(other_actions=["kill pods"])
    (here / "chaos-policy.yaml").write_text(GOOD + "other_actions: refused\n")
    guard.ask_for_a_run()
    with pytest.raises(GuardRefused, match=r"actions that are not ours.*\(kill pods\).*other_actions: refused"):
        guard.ask_for_a_run(other_actions=["kill pods"])


@pytest.mark.parametrize(("first", "second"), [("allow", "refuse"), ("refuse", "allow"), ("allow", "allow")])
def test_of_several_policies_the_strictest_answer_counts_and_all_are_told(here: Path, first: str, second: str) -> None:
    there = here / "experiments"
    there.mkdir()
    for folder, word in ((here, first), (there, second)):
        (folder / "chaos-policy.yaml").write_text(GOOD.replace("allow", word))
    found = guard.ruling(WISH, around, (here, there))
    assert found.allowed == (first == second)
    told = found.as_json()
    assert {told["policy"], *(one["policy"] for one in told["also"])} == {
        str(folder / "chaos-policy.yaml") for folder in (here, there)
    }
    if first != second:
        assert told["policy"] == str((here if first == "refuse" else there) / "chaos-policy.yaml")


def test_one_of_several_that_is_broken_allows_nothing(here: Path) -> None:
    there = here / "experiments"
    there.mkdir()
    (here / "chaos-policy.yaml").write_text(GOOD)
    (there / "chaos-policy.yaml").write_text("a: [")
    assert not guard.ruling(WISH, around, (here, there)).allowed
    with pytest.raises(GuardRefused, match="no run may begin: the policy"):
        guard.ask_for_a_run(folders=(here, there))


def test_of_several_policies_the_first_blackout_ends_a_fault_without_a_duration(here: Path) -> None:
    below = here / "below"
    below.mkdir()
    for folder, day in ((here, "2097-05-01"), (below, "2096-05-01")):
        head = f"schema_version: 1\nzone: UTC\nblackouts: [{{from: {day}, to: {day}}}]\n"
        (folder / "chaos-policy.yaml").write_text(head + "rules: [{name: all, allow: any, links: '*'}]\n")
    found = guard.ruling(replace(WISH, duration=None), around, [here, below])
    assert found.allowed and found.ends == datetime(2096, 5, 1, tzinfo=UTC)
    assert found.ends_says == "ends by Tue 2096-05-01 00:00 UTC, when a blackout begins"
