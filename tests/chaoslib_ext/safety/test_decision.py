"""The policy's answer: the first rule that speaks of it decides, and says so by name and line."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaoslib_ext.model import Target
from chaoslib_ext.safety.approvals import Approval
from chaoslib_ext.safety.decision import Around, Counts, Described, Ruling, Wish, decide
from chaoslib_ext.safety.person import Person
from chaoslib_ext.safety.policy_file import PolicyFile, parsed
from chaoslib_ext.safety.strength import OnLink

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)  # a Wednesday, 13:00 in Berlin
TARGET = Target(server="http://127.0.0.1:8474", proxy="web", listen="127.0.0.1:1", upstream="127.0.0.1:2")
ANN = Person("ann", frozenset({"sre"}))
APPROVED = Approval(
    experiment_sha256="a" * 64,
    title="x",
    by="bob",
    given=NOW,
    until=NOW + timedelta(1),
    why="y",
)


def policy(rules: str, head: str = "") -> PolicyFile:
    text = f"schema_version: 1\nzone: Europe/Berlin\n{head}rules:\n{rules}"
    path = Path("/etc/chaos-policy.yaml")
    return PolicyFile(path, "0" * 64, *parsed(text, path))


def asked(
    file: PolicyFile,
    kind: str = "latency",
    proxy: str = "web",
    duration: float | None = 60,
    around: Any = None,
    **settings: float,
) -> Ruling:
    wish = Wish(kind, TARGET.model_copy(update={"proxy": proxy}), settings, duration)
    return decide(file, wish, around or Around(ANN, NOW, Described()))


@pytest.mark.parametrize(
    "spelling",
    ["localhost:8474", "127.1:8474", "HTTP://127.0.0.1:8474/", "http://[::ffff:127.0.0.1]:8474", "http://*:8474"],
)
def test_a_rule_meets_a_server_in_every_spelling(spelling: str) -> None:
    rules = (
        f"  - {{name: no, refuse: any, links: '*', servers: '{spelling}'}}\n  - {{name: all, allow: any, links: '*'}}\n"
    )
    assert asked(policy(rules)).rule == "no"
    assert asked(policy(rules.replace(":8474", ":8475"))).rule == "all"


def test_names_compare_in_one_unicode_form() -> None:
    apart, whole = "cafe\u0301", "caf\u00e9"
    link = Described(frozenset({apart}), apart)
    for word, proxy in ((apart, whole), (whole, apart), (f"tag:{whole}", "x"), (f"service:{apart}", "x")):
        file = policy(f"  - {{name: no, refuse: any, links: '{word}'}}\n  - {{name: all, allow: any, links: '*'}}\n")
        assert asked(file, proxy=proxy, around=Around(ANN, NOW, link)).rule == "no", (word, proxy)


def test_a_name_with_brackets_is_that_link_where_it_is_known_and_a_glob_elsewhere() -> None:
    file = policy("  - {name: one, allow: any, links: 'db[a]'}\n")
    known = Around(ANN, NOW, Described(), names=lambda: {"db[a]"})
    assert asked(file, proxy="db[a]").allowed and asked(file, proxy="dba").allowed
    assert asked(file, proxy="db[a]", around=known).allowed and not asked(file, proxy="dba", around=known).allowed


ORDER = policy("""
  - {name: not the ledger, refuse: any, links: ledger-*, why: money is moved there}
  - {name: gently, allow: latency, links: [web, ledger-a], at_most: {latency_ms: 200, duration: 1m}}
  - {name: all else, allow: any toxic, links: "*"}
""")


def test_the_first_rule_that_speaks_of_it_decides() -> None:
    ruling = asked(ORDER, proxy="ledger-a")
    assert not ruling.allowed and ruling.rule == "not the ledger"
    assert ruling.says == '/etc/chaos-policy.yaml:5 "not the ledger": money is moved there'
    assert asked(ORDER, proxy="api").rule == "all else" and asked(ORDER, kind="slicer").rule == "all else"


def test_what_exceeds_a_rule_is_not_handed_on_to_a_laxer_one() -> None:
    ruling = asked(ORDER, latency_ms=201)
    assert not ruling.allowed and ruling.line == 6
    assert "latency_ms is 201, with the jitter, and it allows at most 200" in ruling.says
    assert asked(ORDER, latency_ms=200).allowed


def test_what_no_rule_speaks_of_is_refused() -> None:
    ruling = asked(ORDER, kind="down")
    assert not ruling.allowed and ruling.rule is None
    assert "no rule of /etc/chaos-policy.yaml speaks of down on web by ann" in ruling.says


@pytest.mark.parametrize(
    ("limits", "kind", "settings", "duration", "says"),
    [
        (
            "at_most: {duration: 2m}",
            "latency",
            {},
            None,
            "the fault has no `duration` (give it one), and it allows at most 120 s",
        ),
        ("at_most: {duration: 2m}", "latency", {}, 121, "duration is 121 s, and it allows at most 120 s"),
        ("at_most: {latency_ms: 400}", "latency", {"latency_ms": 350, "jitter_ms": 51}, 1, "latency_ms is 401"),
        ("at_most: {jitter_ms: 10}", "latency", {"latency_ms": 1, "jitter_ms": 11}, 1, "jitter_ms is 11"),
        ("at_most: {toxicity: 0.5}", "latency", {"toxicity": 0.6}, 1, "toxicity is 0.6"),
        ("at_most: {toxicity: 0.5}", "down", {}, 1, "toxicity is 1"),
        ("at_most: {timeout_ms: 500}", "timeout", {"timeout_ms": 0}, 1, "timeout_ms is 0, which is never"),
        (
            "at_least: {rate_kb_per_s: 10}",
            "bandwidth",
            {"rate_kb_per_s": 0},
            1,
            "rate_kb_per_s is 0, and it allows no less",
        ),
        ("at_least: {bytes: 100}", "limit_data", {"bytes": 99}, 1, "bytes is 99"),
    ],
)
def test_each_limit_holds(
    limits: str, kind: str, settings: dict[str, float], duration: float | None, says: str
) -> None:
    file = policy(f"  - {{name: x, allow: any, links: '*', {limits}}}")
    ruling = asked(file, kind, duration=duration, **settings)
    assert not ruling.allowed and says in ruling.says


def test_a_limit_on_what_the_fault_does_not_have_is_not_asked_of_it() -> None:
    file = policy("  - {name: x, allow: any, links: '*', at_most: {latency_ms: 1}, at_least: {bytes: 5}}")
    assert asked(file, "down").allowed


def test_a_rule_for_some_people_does_not_speak_of_others() -> None:
    file = policy("  - {name: x, allow: any, links: '*', by: [group:sre, bob]}")
    assert asked(file).allowed
    assert not asked(file, around=Around(Person("eve"), NOW, Described())).allowed


def test_a_rule_for_a_server_does_not_speak_of_others() -> None:
    file = policy("  - {name: x, allow: any, links: '*', servers: 'http://10.*'}")
    assert not asked(file).allowed


def test_tags_and_services_are_those_of_the_links_file() -> None:
    file = policy("  - {name: x, allow: any, links: [tag:lab, service:payment]}")
    for link, allowed in (
        (Described(frozenset({"lab"})), True),
        (Described(service="payment"), True),
        (Described(), False),
    ):
        assert asked(file, around=Around(ANN, NOW, link)).allowed is allowed


def test_a_link_that_nobody_described_is_refused_where_its_tags_would_matter() -> None:
    """Else a rule that refuses by a tag would be passed over by a link without a line in links.yaml."""
    file = policy("  - {name: no money, refuse: any, links: tag:money}\n  - {name: rest, allow: any, links: '*'}")
    ruling = asked(file, around=Around(ANN, NOW))
    assert not ruling.allowed and ruling.rule == "no money" and "no links.yaml here describes web" in ruling.says
    named_first = policy("  - {name: web, allow: any, links: web}\n  - {name: no money, refuse: any, links: tag:money}")
    assert asked(named_first, around=Around(ANN, NOW)).allowed


WINDOW = "windows:\n  office: {days: mon-fri, from: 09:00, to: 17:00}\n"
OFFICE = policy("  - {name: x, allow: any, links: '*', when: office}", WINDOW)


def test_a_fault_must_begin_and_end_in_its_window() -> None:
    at_16_59 = Around(ANN, NOW + timedelta(hours=3, minutes=59), Described())
    assert asked(OFFICE).allowed and asked(OFFICE, around=at_16_59, duration=60).allowed
    late = asked(OFFICE, around=at_16_59, duration=61)
    assert not late.allowed and "closes Wed 2026-11-25 17:00 CET, before this fault would end" in late.says
    endless = asked(OFFICE, duration=None)
    assert not endless.allowed and "without a duration may outlast it; give it one" in endless.says
    night = asked(OFFICE, around=Around(ANN, NOW + timedelta(hours=10), Described()))
    assert not night.allowed and "now is outside of office; it opens Thu 2026-11-26 09:00 CET" in night.says


def test_a_long_fault_in_a_window_that_never_closes_is_allowed() -> None:
    file = policy("  - {name: x, allow: any, links: '*', when: always}", "windows: {always: {}}\n")
    assert asked(file, duration=30 * 86400).allowed


def test_a_blackout_refuses_what_a_rule_allows() -> None:
    head = "blackouts: [{from: 2026-11-25 15:00, to: 2026-11-30, why: sale}]\n"
    file = policy("  - {name: x, allow: any, links: '*'}", head)
    assert asked(file).allowed
    assert not asked(file, duration=7201).allowed, "it would still be on when the sale begins"
    ruling = asked(file, around=Around(ANN, NOW + timedelta(hours=2), Described()))
    assert (
        not ruling.allowed
        and "no fault from Wed 2026-11-25 15:00 CET to Tue 2026-12-01 00:00 CET (sale)" in ruling.says
    )


def test_how_many_at_once() -> None:
    file = policy(
        "  - {name: x, allow: any, links: '*'}", "at_once: {faults: 2, faults_per_link: 1, links_per_run: 3}\n"
    )
    for counts, says in (
        (Counts(2, 1, 3), None),
        (Counts(3, 1, 1), "faults on at once on this machine: at most 2, and this would be number 3"),
        (Counts(1, 2, 1), "faults on at once on this link: at most 1"),
        (Counts(1, 1, 4), "links hit by one run: at most 3"),
    ):
        ruling = asked(file, around=Around(ANN, NOW, Described(), counts=lambda counts=counts: counts))
        assert ruling.allowed is (says is None) and (says or "") in ruling.says


def never() -> Any:
    raise AssertionError("asked, though no rule needs it")


def test_what_costs_something_is_asked_only_where_a_rule_needs_it() -> None:
    file = policy("  - {name: x, allow: any, links: '*'}")
    assert asked(file, around=Around(ANN, NOW, counts=never, approval=never, crash_risk=never)).allowed


@pytest.mark.parametrize("place", ["rule", "head"])
def test_our_control_and_crash_safety_may_be_needed(place: str) -> None:
    needs = "control: required, crash_safe: required"
    rule = f", {needs}" if place == "rule" else ""
    head = needs.replace(", ", "\n") + "\n" if place == "head" else ""
    file = policy(f"  - {{name: x, allow: any, links: '*'{rule}}}", head)
    here = Around(ANN, NOW, Described(), has_control=True, crash_risk=lambda: None)
    assert asked(file, around=here).allowed
    assert (
        "it needs our control in the run: type `chaos enable`"
        in asked(file, around=replace(here, has_control=False)).says
    )
    risky = replace(here, crash_risk=lambda: "it shares a container with the run")
    assert "crash-safe, and here it is not: it shares a container" in asked(file, around=risky).says
    unknown = Around(ANN, NOW, Described(), has_control=True)
    assert not asked(file, around=unknown).allowed, "not known to be crash-safe is not crash-safe"


APPROVE = policy("  - {name: x, allow: any, links: '*', at_most: {duration: 2m}, approval: required}")
WIDER = policy(
    "  - {name: x, allow: any, links: '*', at_most: {duration: 1m}, or_with_approval: {at_most: {duration: 2m}}}"
)


@pytest.mark.parametrize("file", [APPROVE, WIDER], ids=["required", "wider"])
def test_a_second_person_is_needed(file: PolicyFile) -> None:
    alone = Around(ANN, NOW, Described(), approval=lambda: (None, "nobody has approved it as it is now"))
    refused = asked(file, duration=90, around=alone)
    assert (
        not refused.allowed and "nobody has approved it" in refused.says and "chaos approve EXPERIMENT" in refused.says
    )
    both = Around(ANN, NOW, Described(), approval=lambda: (APPROVED, ""))
    allowed = asked(file, duration=90, around=both)
    assert allowed.allowed and allowed.approved_by == "bob" and "approved by bob until Thu 2026-11-26" in allowed.says
    beyond = asked(file, duration=121, around=replace(both, approval=never))
    assert not beyond.allowed, "no approval goes beyond the rule"


def test_within_its_own_limits_a_wider_rule_needs_nobody() -> None:
    ruling = asked(WIDER, duration=60, around=Around(ANN, NOW, Described(), approval=never))
    assert ruling.allowed and ruling.approved_by is None


def test_a_ruling_is_plain_data() -> None:
    told = asked(ORDER, latency_ms=1).as_json()
    assert told == {
        "allowed": True,
        "says": '/etc/chaos-policy.yaml:6 "gently"',
        "rule": "gently",
        "line": 6,
        "policy": "/etc/chaos-policy.yaml",
        "sha256": "0" * 64,
        "approved_by": None,
    }


@given(
    kind=st.sampled_from(["latency", "down", "slicer", "timeout"]),
    proxy=st.sampled_from(["web", "ledger-a", "api"]),
    duration=st.none() | st.floats(0.001, 1e7),
    latency=st.floats(0, 1e9),
)
def test_stronger_is_never_allowed_where_weaker_is_refused(
    kind: str, proxy: str, duration: float | None, latency: float
) -> None:
    strong = asked(ORDER, kind, proxy, duration, latency_ms=latency)
    weak = asked(ORDER, kind, proxy, min(duration or 1, 1), latency_ms=min(latency, 1))
    assert weak.allowed or not strong.allowed


def test_a_fault_without_a_duration_ends_when_the_next_blackout_begins() -> None:
    rules = '  - {name: all, allow: any, links: "*"}\n'
    later, next_ = "{from: 2026-12-24, to: 2026-12-26, why: rest}", "{from: 2026-11-25 14:00, to: 2026-11-25 15:00}"
    file = policy(rules, f"blackouts: [{later}, {next_}]\n")
    ruling = asked(file, duration=None)
    assert ruling.allowed and ruling.ends_says == "ends by Wed 2026-11-25 14:00 CET, when a blackout begins"
    assert ruling.ends == NOW + timedelta(hours=1) and ruling.as_json()["ends"] == "2026-11-25T14:00:00+01:00"
    with_one = asked(file, duration=3600)
    assert with_one.allowed and with_one.ends is None
    assert not asked(file, duration=3601).allowed, "it would reach into it"
    inside = Around(ANN, NOW + timedelta(hours=1), Described())
    assert not asked(file, duration=None, around=inside).allowed
    after = asked(file, duration=None, around=Around(ANN, NOW + timedelta(hours=2), Described()))
    assert after.ends_says == "ends by Thu 2026-12-24 00:00 CET, when the blackout 'rest' begins"
    gentle = policy('  - {name: all, allow: any, links: "*", at_most: {duration: 1m}}\n', f"blackouts: [{later}]\n")
    assert "has no `duration`" in asked(gentle, duration=None).says


def test_faults_on_one_link_count_together_as_far_as_the_rule_speaks_of_their_kind() -> None:
    file = policy("""
  - {name: slow, allow: latency, links: web, at_most: {latency_ms: 100, toxicity: 0.5}}
  - {name: narrow, allow: bandwidth, links: web, at_most: {toxicity: 0.5}, at_least: {rate_kb_per_s: 10}}
""")
    on = (
        OnLink("latency", {"latency_ms": 60, "jitter_ms": 0, "toxicity": 0.3}),
        OnLink("bandwidth", {"toxicity": 0.5}),
    )
    around = Around(ANN, NOW, Described(), on=on)
    told = asked(file, around=around, latency_ms=41, toxicity=0.1)
    assert "latency_ms is 101, with the jitter and what else is on the link by then" in told.says
    assert asked(file, around=around, latency_ms=40, toxicity=0.1).allowed
    told = asked(file, around=around, latency_ms=40, toxicity=0.3)
    assert "toxicity is 0.51, with what else is on the link by then, and it allows at most 0.5" in told.says
    narrow = OnLink("bandwidth", {"rate_kb_per_s": 5.0, "toxicity": 0.0})
    told = asked(file, "bandwidth", around=Around(ANN, NOW, Described(), on=(narrow,)), rate_kb_per_s=20, toxicity=0.1)
    assert "rate_kb_per_s is 5, with what else is on the link by then, and it allows no less than 10" in told.says
