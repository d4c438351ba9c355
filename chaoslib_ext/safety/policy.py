"""What a policy may say: the models behind `chaos-policy.yaml`, and nothing that reads a file or decides.

Rules are read from above; the first whose `by`, `links` and kinds of fault fit decides, and its limits are limits: what
exceeds them is refused, never handed on to a laxer rule below.
"""

from datetime import MAXYEAR, MINYEAR, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

from chaoslib_ext.errors import did_you_mean

from .policy_words import KINDS, Count, Days, EndOfDay, Kinds, Lasting, Moment, Names, Number, TimeOfDay, Zone
from .rule_words import Links, Name, People, Servers, tag_or_service
from .windows import DAYS, Span
from .windows import Window as Times

__all__ = ["KINDS", "SCHEMA", "AtLeast", "AtMost", "AtOnce", "Blackout", "Bounds", "Policy", "Rule", "Window"]

SCHEMA = 1
"""The version of the file; older ones are read, an unknown newer one is closed."""

Need = Literal["required"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, populate_by_name=True)


class AtMost(_Frozen):
    """How strong at most. What a kind of fault does not have is not asked of it."""

    duration: Lasting | None = Field(None, description="such as 2m; a fault without a duration exceeds it")
    toxicity: Annotated[float, Field(ge=0, le=1)] | None = Field(None, description="share of connections, 0 to 1")
    latency_ms: Number | None = Field(None, description="delay and jitter together")
    jitter_ms: Number | None = Field(None, description="of latency")
    delay_ms: Number | None = Field(None, description="of slow_close")
    delay_us: Number | None = Field(None, description="of slicer, after each piece")
    timeout_ms: Number | None = Field(None, description="of timeout (0, which never closes, exceeds it) and reset_peer")


class AtLeast(_Frozen):
    """What must be left: for what hurts more the less it is."""

    rate_kb_per_s: Number | None = Field(None, description="of bandwidth")
    bytes: Number | None = Field(None, description="of limit_data")
    average_size_bytes: Number | None = Field(None, description="of slicer")
    timeout_ms: Number | None = Field(None, description="of timeout and reset_peer")


class Bounds(_Frozen):
    """How strong and when."""

    at_most: AtMost = Field(AtMost(), description="how strong and how long at most")
    at_least: AtLeast = Field(AtLeast(), description="what must be left")
    when: Names = Field((), description="names of windows; a fault must begin and end in them. None: at any time")


class Rule(Bounds):
    """One rule: what it allows or refuses, on which links, to whom; then how strong, when, and what it needs."""

    name: Name = Field(description="what people call it; told wherever it decides")
    allow: Kinds = Field((), description="kinds of fault")
    refuse: Kinds = Field((), description="kinds of fault, instead of `allow`")
    links: Links = Field(description="names, globs (checkout-*), tag:database, service:payment; `*` is every link")
    servers: Servers = Field(("*",), description="Toxiproxy servers, by URL or glob (http://127.0.0.1:*)")
    by: People = Field(("anybody",), description="users, group:NAME of this machine, or anybody")
    approval: Need | None = Field(None, description="a second person must approve the experiment: `chaos approve`")
    control: Need | None = Field(None, description="only in a run under our control (`chaos enable`)")
    crash_safe: Need | None = Field(None, description="only where the watchdog outlives the run's own death")
    or_with_approval: Bounds | None = Field(
        None, description="other limits for what a second person approved; what it does not name stays"
    )
    why: str = Field("", description="the reason, told to everybody whom it refuses")

    @model_validator(mode="after")
    def _is_one_of_both(self) -> "Rule":
        if bool(self.allow) == bool(self.refuse):
            raise ValueError("a rule has either `allow` or `refuse`, with kinds of fault")
        extra = sorted(self.model_fields_set - {"name", "refuse", "links", "servers", "by", "why"})
        if self.refuse and extra:
            raise ValueError(f"a rule that refuses has no {', '.join(extra)}: it refuses always")
        if self.approval and self.or_with_approval:
            raise ValueError("`approval: required` and `or_with_approval` exclude each other")
        return self

    @property
    def approved(self) -> Bounds | None:
        """Its limits for what a second person approved; None where an approval changes nothing."""
        wider = self if self.approval else self.or_with_approval
        if wider is None:
            return None
        return Bounds(
            at_most=self.at_most.model_copy(update=wider.at_most.model_dump(exclude_unset=True)),
            at_least=self.at_least.model_copy(update=wider.at_least.model_dump(exclude_unset=True)),
            when=wider.when if "when" in wider.model_fields_set else self.when,
        )

    @property
    def kinds(self) -> tuple[str, ...]:
        """What it speaks of."""
        return self.allow or self.refuse


class Window(_Frozen):
    """A time of the week."""

    days: Days = Field(DAYS, description="mon-fri, or [mon, wed]")
    begin: TimeOfDay = Field(time(), alias="from", description="such as 09:00")
    end: EndOfDay = Field(None, alias="to", description="such as 17:00 or 24:00; earlier than `from`: the next day")
    zone: Zone | None = Field(None, description="the policy's, if not given")

    @model_validator(mode="after")
    def _lasts(self) -> "Window":
        if self.begin == self.end:
            raise ValueError("`from` and `to` are the same; for a whole day write 00:00 and 24:00")
        return self

    def times(self, zone: ZoneInfo | None) -> Times:
        """For reckoning; `zone` is the policy's."""
        where = self.zone or zone
        assert where is not None, "checked when the policy is read"
        return Times(frozenset(DAYS.index(day) for day in self.days), self.begin, self.end, where)


class Blackout(_Frozen):
    """No fault at all, whatever a rule allows: a sale, a holiday, the end of the year."""

    begin: Moment = Field(alias="from", description="a date, or a date with a time")
    end: Moment = Field(alias="to", description="a date, that day included; or a date with a time")
    zone: Zone | None = Field(None, description="the policy's, if not given")
    why: str = Field("", description="told to everybody whom it refuses")

    @model_validator(mode="after")
    def _lasts(self) -> "Blackout":
        if {self.begin.year, self.end.year} & {MINYEAR, MAXYEAR}:  # a day more, or another zone, is no date there
            raise ValueError(f"it must lie between the years {MINYEAR + 1} and {MAXYEAR - 1}")
        if self.span(ZoneInfo("UTC")).begin >= self.span(ZoneInfo("UTC")).end:
            raise ValueError("it ends before it begins")
        return self

    def span(self, zone: ZoneInfo | None) -> Span:
        """As real moments, never shorter than any reading of it; `zone` is the policy's."""
        where = self.zone or zone
        assert where is not None, "checked when the policy is read"
        begin = self.begin if isinstance(self.begin, datetime) else datetime.combine(self.begin, time())
        end = self.end if isinstance(self.end, datetime) else datetime.combine(self.end + timedelta(days=1), time())
        first = min(begin.replace(tzinfo=where, fold=fold).timestamp() for fold in (0, 1))
        last = max(end.replace(tzinfo=where, fold=fold).timestamp() for fold in (0, 1))
        return Span(datetime.fromtimestamp(first, where), datetime.fromtimestamp(last, where), self.why)


class AtOnce(_Frozen):
    """How many at a time. Counted over the runs of one state folder on this machine."""

    faults: Count | None = Field(None, description="faults that are on, over all runs")
    faults_per_link: Count | None = Field(None, description="faults that are on, on one link")
    links_per_run: Count | None = Field(None, description="links that one run hits from its begin to its end")


class Policy(_Frozen):
    """Who may hit which links with which faults, how strong, how long, how many at once, when, approved by whom."""

    schema_version: Literal[1] = Field(description="1")
    zone: Zone | None = Field(None, description="time zone of windows and blackouts, such as Europe/Berlin")
    control: Need | None = Field(None, description="every rule needs our control")
    crash_safe: Need | None = Field(None, description="every rule needs crash safety")
    other_actions: Literal["allowed", "refused"] = Field(
        "allowed",
        description="actions of a method that are neither faults of ours nor only read; asked by our control only",
    )
    at_once: AtOnce = Field(AtOnce(), description="how many at a time")
    approvals: str = Field("chaos-approvals", description="folder of the approvals, from the policy's own")
    windows: dict[str, Window] = Field({}, description="times of the week, by name")
    blackouts: tuple[Blackout, ...] = Field((), description="times without any fault")
    rules: tuple[Rule, ...] = Field(min_length=1, description="in order: the first that speaks of a fault decides")

    @model_validator(mode="after")
    def _is_whole(self) -> "Policy":
        names = [rule.name for rule in self.rules]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two rules are called {twice[0]!r}")
        for rule in self.rules:
            for name in (*rule.when, *(rule.or_with_approval.when if rule.or_with_approval else ())):
                if name not in self.windows:
                    near = did_you_mean(name, self.windows)
                    raise ValueError(f"rule {rule.name!r}: no window is called {name!r}{near}")
        zones = [one.zone for one in self.windows.values()] + [one.zone for one in self.blackouts]
        if self.zone is None and None in zones:
            raise ValueError("windows and blackouts need a `zone`, such as Europe/Berlin")
        return self

    @property
    def names_tags(self) -> bool:
        """Does a rule mean links by a tag or a service?"""
        return any(tag_or_service(word) for rule in self.rules for word in rule.links)

    def times(self, names: tuple[str, ...]) -> list[Times]:
        """The windows of these names."""
        return [self.windows[name].times(self.zone) for name in names]

    def blacked_out(self) -> list[Span]:
        """Every blackout as real moments."""
        return [one.span(self.zone) for one in self.blackouts]
