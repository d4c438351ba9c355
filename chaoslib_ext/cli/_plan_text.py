"""A plan as text: what would happen first, then what it rests on, at the end the one sentence that matters."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from chaoslib_ext.clean_text import clean

if TYPE_CHECKING:
    from chaoslib_ext.plan.faults import Hit, Planned
    from chaoslib_ext.plan.plan import Plan

__all__ = ["lines"]

_WIDTH = 15
_AGAINST = "Against it"
"""Errors' own texts stand there, which may be several lines; the plan has cleaned them."""
_MOST = 6
"""Lines of one kind before the rest is counted."""


def lines(plan: "Plan") -> list[str]:
    """All of it, ready to be printed."""
    found = [plan.title or plan.source]
    for fault in plan.faults:
        found += _of_fault(fault, plan)
    for step, back in plan.guests:
        found.append(_line("Would also do", f"{step.name} ({step.calls}); {back.reversibility}: {back.says}"))
    if not plan.faults and not plan.guests:
        found.append(_line("Would inject", "nothing: its method has no action"))
    found += _hits(plan)
    found += [
        _line("Lasts", _lasts(plan)),
        *_answers(plan),
        *_policies(plan),
        _line("Control", "ours: recorded, guarded, undone" if plan.has_control else _NO_CONTROL),
        _line("Crash-safe", "yes" if plan.crash_risk is None else f"not here: {plan.crash_risk}"),
        *_on_now(plan),
    ]
    found += _rest("Not known", (f"{name}: {why}" for name, why in plan.unresolved.items()))
    found += _rest(_AGAINST, plan.problems)
    return [*found, _verdict(plan)]


_NO_CONTROL = "none of ours: nothing is recorded, and what needs an approval is refused; `chaos enable`"


def _line(label: str, text: str) -> str:
    return f"{label:<{_WIDTH}}{text}"


def _rest(label: str, texts: Iterable[str]) -> Iterator[str]:
    every = [text if label == _AGAINST else clean(text) for text in texts]
    for index, text in enumerate(every[:_MOST]):
        first, *more = text.split("\n")
        yield _line(label if not index else "", first)
        yield from (_line("", one) for one in more)
    if len(every) > _MOST:
        yield _line("", f"... and {len(every) - _MOST} more (--json shows all)")


def _of_fault(fault: "Planned", plan: "Plan") -> Iterator[str]:
    if not fault.says:
        what = "takes back what it put in" if not (fault.problem or fault.unresolved) else "?"
        yield from _rest("Would inject", [f"{fault.step.name} ({fault.step.calls}): {what}"])
    else:
        yield _line("Would inject", f"{fault.says}, on {_targets(fault, plan)}, {_duration(fault)}")
        yield from _rest("Would undo", [f"{one.undo} (reversible)" for one in fault.hits])
        yield from _rest("Allowed by", dict.fromkeys(one.ruling.says for one in fault.hits if one.ruling.allowed))
    yield from _rest("Not known", fault.unresolved)


def _targets(fault: "Planned", plan: "Plan") -> str:
    names = [one.target.proxy for one in fault.hits]
    shown = ", ".join(names[:_MOST]) + (f" and {len(names) - _MOST} more" if len(names) > _MOST else "")
    share = f"{fault.share:.0%} of {'its' if len(names) == 1 else 'their'} connections".replace("%", " %")
    if plan.proxies is None:
        return f"{shown or 'links that are not known yet'} ({share})"
    return f"{shown or 'no proxy'} ({len(names)} of {plan.proxies} proxies; {share})"


def _duration(fault: "Planned") -> str:
    if fault.duration_s:
        return f"at most {fault.duration_s:g} s"
    ends = {one.ruling.ends: one.ruling.ends_says for one in fault.hits if one.ruling.ends}
    return f"until the run ends (it has no duration){f'; {ends[min(ends)]}' if ends else ''}"


def _hits(plan: "Plan") -> Iterator[str]:
    every: list[Hit] = [one for fault in plan.faults for one in fault.hits]
    services = sorted({one.service for one in every if one.service})
    if services:
        yield _line("Services", ", ".join(services))
    nameless = sorted({one.target.proxy for one in every if one.service is None})
    if services and nameless:
        yield _line("", f"of {', '.join(nameless)} no links.yaml names the service")


def _lasts(plan: "Plan") -> str:
    if not plan.lasts.unbounded:
        return f"at most {plan.lasts.known_s:g} s by what is written (pauses, timeouts), plus our own measuring"
    names = ", ".join(plan.lasts.unbounded[:_MOST])
    return f"{plan.lasts.known_s:g} s of pauses and timeouts; without a limit that is written: {names}"


def _answers(plan: "Plan") -> Iterator[str]:
    if plan.offline:
        yield _line("Steady state", "not asked (--offline)")
        return
    shown = [
        f"{one.name}: {one.says}{f' ({one.value!r})' if one.asked and not one.problem else ''}" for one in plan.answers
    ]
    yield from _rest("Steady state", shown or ["none is defined: the run would prove nothing"])


def _policies(plan: "Plan") -> Iterator[str]:
    """All of them, where there are several."""
    if plan.policy and "also" in plan.policy:
        paths = [plan.policy["path"], *(one["path"] for one in plan.policy["also"])]
        yield _line("Policies", f"{', '.join(paths)}; the strictest answer counts")
    yield from _rest("Means nothing", plan.policy_notes)
    if plan.not_looked_at:
        names = ", ".join(plan.not_looked_at)
        yield _line("Not looked at", f"`other_actions: refused` asks of the method's actions alone, not of {names}")


def _on_now(plan: "Plan") -> Iterator[str]:
    if plan.offline:
        yield _line("On now", "not looked at (--offline)")
    elif plan.conflicts or plan.held:
        told = [
            f"{one.fault} on {one.proxy} by run {one.run}, on a link that this would hit too" for one in plan.conflicts
        ]
        told += [f"{one.says}: as long as it does, this would be refused" for one in plan.held]
        yield from _rest("On now", told)
    else:
        count = len(plan.on_now)
        yield _line("On now", f"{count} faults on other links: chaos live" if count else "nothing")


def _verdict(plan: "Plan") -> str:
    if plan.problems:
        count = len(plan.problems)
        return f"Would not run, for {count} reason{'s' if count > 1 else ''}. Nothing was changed."
    far = "Nothing that can be told offline speaks against it" if plan.offline else "Would run"
    return f"{far}. Nothing was changed."
