"""The other faults that a link feels: its toxics as the server shows them, whoever put them in, and, before a run, what
earlier steps of the experiment will have put in by then.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chaoslib_ext.errors import BadAttribute, ExtError
from chaoslib_ext.model import Target
from chaoslib_ext.proxy.state import ProxyState, ToxicState
from chaoslib_ext.proxy.undo import OURS
from chaoslib_ext.safety.strength import OnLink
from chaoslib_ext.server_name import same_server

from . import holding
from .fault import Fault
from .settings import settings_for
from .targets import matches

__all__ = ["Ahead", "on_link", "pause"]

_TAKE_BACK = ("remove", "up", "everything")


def on_link(target: Target, proxy: ProxyState) -> tuple[OnLink, ...]:
    """The toxics of the proxy, by our names. What a dead run left is undone before a fault goes in, so it does not
    count.
    """
    is_left = holding.is_held_by_the_dead(target, proxy)
    felt = [one for one in proxy.toxics if one.type != "noop" and not (is_left and one.name.startswith(OURS))]
    return tuple(OnLink(one.type, {**_settings(one), "toxicity": one.toxicity}) for one in felt)


def _settings(toxic: ToxicState) -> Mapping[str, float]:
    try:
        found: dict[str, float] = settings_for(toxic.type, dict(toxic.attributes)).model_dump()
        return found
    except BadAttribute:  # made by another hand, of a type or with values that we do not know
        return {}


@dataclass
class _Still:
    target: Target
    what: OnLink
    left: float | None


@dataclass
class Ahead:
    """What would be on, step by step. Pauses take the time that is written, other actions than ours nobody knows how
    long, and all else takes none; what may have ended by then does not count here: it is asked again where it goes in.
    """

    configuration: Mapping[str, Any]
    _on: list[_Still] = field(default_factory=list)

    def on(self, target: Target) -> tuple[OnLink, ...]:
        """What earlier steps will have put on this link."""
        return tuple(
            one.what
            for one in self._on
            if one.target.proxy == target.proxy and same_server(one.target.server, target.server)
        )

    def comes_to(self, activity: Mapping[str, Any]) -> None:
        """It is the turn of this activity."""
        self._pass(pause(activity, "before", self.configuration))

    def puts(self, fault: Fault, targets: Iterable[Target]) -> None:
        """It puts this in; a link that flaps is up again when its activity is over."""
        if getattr(fault, "up_for", None) is None:
            what = OnLink(fault.kind, fault.strength())
            self._on += [_Still(target, what, fault.duration) for target in targets]

    def leaves(self, activity: Mapping[str, Any], *, is_ours: bool) -> None:
        """It is over."""
        if activity.get("type") == "action" and not is_ours:
            self._on = [one for one in self._on if one.left is None]
        provider = activity.get("provider")
        self._take_back(provider if isinstance(provider, Mapping) else {})
        self._pass(pause(activity, "after", self.configuration))

    def _pass(self, seconds: float) -> None:
        on = [replace(one, left=None if one.left is None else one.left - seconds) for one in self._on]
        self._on = [one for one in on if one.left is None or one.left > 0]

    def _take_back(self, provider: Mapping[str, Any]) -> None:
        func, given = provider.get("func"), provider.get("arguments")
        if not str(provider.get("module")).startswith("actions.") or func not in _TAKE_BACK:
            return
        from chaoslib import substitute

        told = substitute(dict(given), self.configuration, {}) if isinstance(given, Mapping) else {}
        self._on = [one for one in self._on if not _is_meant(one, str(func), told)]


def _is_meant(one: _Still, func: str, told: Mapping[str, Any]) -> bool:
    if func == "everything":
        return True
    kind = one.what.kind
    if (kind == "down") != (func == "up") or told.get("type") not in (None, kind):
        return False
    try:
        return bool(matches(told.get("proxy", "*"), one.target.proxy))
    except (ExtError, TypeError):  # the action says so itself
        return False


def pause(activity: Mapping[str, Any], when: str, configuration: Mapping[str, Any]) -> float:
    """Seconds that it waits before or after, as written; 0 where that is no number."""
    from chaoslib import substitute

    pauses: Any = activity.get("pauses")
    given = pauses.get(when) if isinstance(pauses, Mapping) else None
    try:
        return max(float(substitute(given, configuration, {}) if isinstance(given, str) else given or 0), 0.0)
    except (TypeError, ValueError):  # Chaos Toolkit says so
        return 0.0
