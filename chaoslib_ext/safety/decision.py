"""May this fault go in, says the policy: pure. All that it turns on is handed in; each answer names rule and line."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from math import inf
from typing import Any

from chaoslib_ext.model import Target
from chaoslib_ext.server_name import fits

from .approvals import Approval
from .person import Person
from .policy import AtLeast, AtMost, Bounds, Rule
from .policy_file import PolicyFile
from .policy_words import TOXICS
from .rule_words import composed, tag_or_service
from .strength import OnLink, at_least, at_most
from .windows import closes, opens

__all__ = ["Around", "Counts", "Described", "Ruling", "Wish", "decide"]


@dataclass(frozen=True)
class Wish:
    """A fault somebody wants to put in: its kind, its settings by our names (toxicity too, if it has one), and how many
    seconds it lasts (None: without an end).
    """

    kind: str
    target: Target
    settings: Mapping[str, float] = field(default_factory=dict)
    duration: float | None = None


@dataclass(frozen=True)
class Described:
    """What `links.yaml` says of a link."""

    tags: frozenset[str] = frozenset()
    service: str | None = None


@dataclass(frozen=True)
class Counts:
    """How many there would be with this fault: faults on over all runs, faults on this link, links of this run."""

    faults: int = 1
    faults_per_link: int = 1
    links_per_run: int = 1


@dataclass(frozen=True)
class Around:
    """All else that a policy turns on. What costs something is asked only by a rule that needs it."""

    person: Person
    now: datetime
    link: Described | None = None
    """None: no links file describes the target, so nothing can be said of its tags and its service."""
    names: Callable[[], Collection[str]] = frozenset
    """Names of all links that the links files know, in NFC."""
    on: Sequence[OnLink] = ()
    """Other faults that are on the same link, or will be by then."""
    counts: Callable[[], Counts] = Counts
    approval: Callable[[], tuple[Approval | None, str]] = lambda: (None, "nobody was asked")
    has_control: bool = False
    crash_risk: Callable[[], str | None] = lambda: "whether it is cannot be told here"
    """Why a run here is not crash-safe; None when it is."""


@dataclass(frozen=True)
class Ruling:
    """The policy's answer. `says` names the rule; when refused, also what to do."""

    allowed: bool
    says: str
    rule: str | None = None
    line: int | None = None
    path: str | None = None
    sha256: str | None = None
    approved_by: str | None = None
    ends: datetime | None = None
    """When a fault without a duration must be gone: the next blackout begins."""
    ends_says: str | None = None
    also: tuple["Ruling", ...] = ()
    """What other policies answered that count here too; this is the strictest."""

    def as_json(self) -> dict[str, Any]:
        """For records and `--json`."""
        return {
            "allowed": self.allowed,
            "says": self.says,
            "rule": self.rule,
            "line": self.line,
            "policy": self.path,
            "sha256": self.sha256,
            "approved_by": self.approved_by,
            **({"ends": self.ends.isoformat(), "ends_says": self.ends_says} if self.ends else {}),
            **({"also": [one.as_json() for one in self.also]} if self.also else {}),
        }


def decide(file: PolicyFile, wish: Wish, around: Around) -> Ruling:
    """The first rule that speaks of this person, link and kind decides; when none does, it is refused."""
    for rule in file.policy.rules:
        if not _speaks_of(rule, wish, around.person):
            continue
        meant = _means(rule.links, wish, around)
        if meant is None:
            return _refused(file, rule, _undescribed(rule, wish))
        if meant:
            return _by(file, rule, wish, around)
    return Ruling(False, _nothing_fits(file, wish, around), path=str(file.path), sha256=file.sha256)


def _speaks_of(rule: Rule, wish: Wish, person: Person) -> bool:
    if not _is_among(wish.kind, rule.kinds) or not person.is_meant(rule.by):
        return False
    return any(fits(one, wish.target.server) for one in rule.servers)


def _is_among(kind: str, words: Iterable[str]) -> bool:
    """True if a rule with these words for kinds speaks of that kind."""
    return bool(({kind, "any"} | ({"any toxic"} if kind in TOXICS else set())) & set(words))


def _means(words: Iterable[str], wish: Wish, around: Around) -> bool | None:
    """Is the link meant? None when that turns on tags or services of a link that is described nowhere.

    A word with brackets that is the name of a known link is that name, and no glob.
    """
    is_unknown, proxy = False, composed(wish.target.proxy)
    for word in words:
        selector = tag_or_service(word)
        if selector is None:
            if word == proxy or (not ("[" in word and word in around.names()) and fnmatchcase(proxy, word)):
                return True
            continue
        kind, value = selector
        if around.link is None:
            is_unknown = True
        elif value in _words_of(around.link, kind):
            return True
    return None if is_unknown else False


def _words_of(link: Described, kind: str) -> Iterable[str]:
    return map(composed, link.tags if kind == "tag" else [link.service or ""])


def _undescribed(rule: Rule, wish: Wish) -> str:
    return (
        f"it speaks of {', '.join(rule.links)}, and no links.yaml here describes {wish.target.proxy} as it is on the "
        "server, so nobody knows whether it is one of them; write it down (chaos link add) or set CHAOS_LINKS"
    )


def _nothing_fits(file: PolicyFile, wish: Wish, around: Around) -> str:
    from .policy_file import shown

    asked = f"{wish.kind} on {wish.target.proxy} by {around.person.name}"
    return (
        f"no rule of {shown(file.path)} speaks of {asked}, and what no rule allows is refused; ask who keeps the "
        "policy for a rule"
    )


def _by(file: PolicyFile, rule: Rule, wish: Wish, around: Around) -> Ruling:
    if rule.refuse:
        return _refused(file, rule, rule.why or "it refuses this always")
    for blackout in file.policy.blacked_out():
        if blackout.holds(around.now) or _reaches(blackout.begin, wish, around.now):
            reason = f" ({blackout.why})" if blackout.why else ""
            return _refused(file, rule, f"no fault from {_shown(blackout.begin)} to {_shown(blackout.end)}{reason}")
    missing = _unmet(file, rule, around) or next(_too_many(file, around), None)
    if missing:
        return _refused(file, rule, missing)
    return _within(file, rule, wish, around)


def _within(file: PolicyFile, rule: Rule, wish: Wish, around: Around) -> Ruling:
    others = [one for one in around.on if _is_among(one.kind, rule.kinds)]
    beyond = _beyond(file, rule, wish, around.now, others)
    if not beyond and not rule.approval:
        return _allowed(file, rule, wish, around.now)
    approved = rule.approved
    if approved is None:
        return _refused(file, rule, beyond or "")
    if further := _beyond(file, approved, wish, around.now, others):
        return _refused(file, rule, f"{further}, also with an approval")
    approval, why = around.approval()
    if approval is None:
        needed = f"{beyond}, unless a second person approves it" if beyond else "a second person must approve it"
        cure = "let another person type: chaos approve EXPERIMENT --until T --why TEXT"
        return _refused(file, rule, f"{needed}, and {why}; {cure}")
    return _allowed(file, rule, wish, around.now, approval)


def _allowed(file: PolicyFile, rule: Rule, wish: Wish, now: datetime, approval: Approval | None = None) -> Ruling:
    by = f", approved by {approval.by} until {_shown(approval.until.astimezone())}" if approval else ""
    ruling = _ruling(file, rule, True, f"{file.where(rule)}{by}", approval)
    blackout = min(
        (one for one in file.policy.blacked_out() if one.begin > now), key=lambda one: one.begin, default=None
    )
    if wish.duration is not None or blackout is None:
        return ruling
    named = f"the blackout {blackout.why!r}" if blackout.why else "a blackout"
    return replace(ruling, ends=blackout.begin, ends_says=f"ends by {_shown(blackout.begin)}, when {named} begins")


def _refused(file: PolicyFile, rule: Rule, why: str) -> Ruling:
    return _ruling(file, rule, False, f"{file.where(rule)}: {why}")


def _ruling(file: PolicyFile, rule: Rule, allowed: bool, says: str, approval: Approval | None = None) -> Ruling:
    by = approval.by if approval else None
    return Ruling(allowed, says, rule.name, file.line(rule), str(file.path), file.sha256, by)


def _unmet(file: PolicyFile, rule: Rule, around: Around) -> str | None:
    if (rule.control or file.policy.control) and not around.has_control:
        return "it needs our control in the run: type `chaos enable` once, or put the control into the experiment"
    if rule.crash_safe or file.policy.crash_safe:
        risk = around.crash_risk()
        if risk:
            return f"it needs a run that is crash-safe, and here it is not: {risk}"
    return None


def _too_many(file: PolicyFile, around: Around) -> Iterator[str]:
    at_once = file.policy.at_once
    if not any(at_once.model_dump().values()):
        return
    counts = around.counts()
    told = {
        "faults": "faults on at once on this machine",
        "faults_per_link": "faults on at once on this link",
        "links_per_run": "links hit by one run",
    }
    for name, what in told.items():
        most, would_be = getattr(at_once, name), getattr(counts, name)
        if most is not None and would_be > most:
            see = "" if name == "links_per_run" else "; which they are says: chaos live"
            yield f"{what}: at most {most}, and this would be number {would_be} (at_once: {name}){see}"


def _beyond(file: PolicyFile, bounds: Bounds, wish: Wish, now: datetime, others: Sequence[OnLink]) -> str | None:
    """Which limit the link would feel exceeded, in words; None when all are kept. `others`: of the rule's kinds."""
    fault, lasts = OnLink(wish.kind, wish.settings), inf if wish.duration is None else wish.duration
    strength = {**at_most(fault, others), "duration": lasts}
    for name in AtMost.model_fields:
        most, is_so = getattr(bounds.at_most, name), strength.get(name)
        if most is not None and is_so is not None and is_so > most:
            return f"{_said(name, is_so, fault, others)}, and it allows at most {_number(name, most)}"
    strength = at_least(fault, others)
    for name in AtLeast.model_fields:
        least, is_so = getattr(bounds.at_least, name), strength.get(name)
        if least is not None and is_so is not None and is_so < least:
            return f"{_said(name, is_so, fault, others)}, and it allows no less than {_number(name, least)}"
    return _out_of_time(file, bounds, wish, now) if bounds.when else None


def _said(name: str, value: float, fault: OnLink, others: Sequence[OnLink]) -> str:
    if value == inf:
        return "the fault has no `duration` (give it one)" if name == "duration" else f"{name} is 0, which is never"
    counted = ["the jitter"] if name == "latency_ms" else []
    if name != "duration" and value not in (at_most(fault, ()).get(name), at_least(fault, ()).get(name)):
        counted.append("what else is on the link by then")
    together = f", with {' and '.join(counted)}" if counted else ""
    return f"{name} is {_number(name, value)}{together}"


def _number(name: str, value: float) -> str:
    return f"{value:g} s" if name == "duration" else f"{value:g}"


def _out_of_time(file: PolicyFile, bounds: Bounds, wish: Wish, now: datetime) -> str | None:
    windows, blackouts = file.policy.times(bounds.when), file.policy.blacked_out()
    named = ", ".join(bounds.when)
    lasts = timedelta(seconds=wish.duration or 0)
    end = closes(windows, blackouts, now, max(timedelta(days=8), lasts + timedelta(days=2)))
    if end is None:
        begin = opens(windows, blackouts, now)
        again = f"; it opens {_shown(begin.astimezone(windows[0].zone))}" if begin else ""
        return f"now is outside of {named}{again}"
    closing = f"{named} closes {_shown(end.astimezone(windows[0].zone))}"
    if wish.duration is None:
        return f"{closing}, and a fault without a duration may outlast it; give it one"
    return f"{closing}, before this fault would end" if now + lasts > end else None


def _reaches(begin: datetime, wish: Wish, now: datetime) -> bool:
    """Would a fault that begins now still be on when the blackout begins? Of one without an end nobody knows."""
    return wish.duration is not None and now < begin < now + timedelta(seconds=wish.duration)


def _shown(moment: datetime) -> str:
    return f"{moment:%a %Y-%m-%d %H:%M %Z}"
