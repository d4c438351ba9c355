"""Approvals: that a second person has looked at an experiment and lets it run, until a moment. One small file each.

They lie in a folder beside the policy (or where it says), are data only, and may be reviewed and put under version
control like code. An approval is bound to what the experiment says, to the local code that it calls, and to each fault
that was seen: nothing else goes in under it. It guards against mistakes: an account that may write into the folder can
write one in another's name.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from chaoslib_ext.clean_text import one_line
from chaoslib_ext.clock import new_id
from chaoslib_ext.durable import replaced
from chaoslib_ext.errors import BadFile
from chaoslib_ext.whole_file import BIGGEST, read_whole

from .approved_fault import ApprovedFault, why_none_is

__all__ = ["SCHEMA", "Approval", "Asked", "all_of", "give", "why_not"]

SCHEMA = 2
"""The version of the file; an unknown newer one approves nothing. 1: it did not say on which links and with which
values, so it approves nothing any more."""

_Sha256 = Field(pattern=r"^[0-9a-f]{64}$")


class Asked(BaseModel):
    """What a run is, for an approval: SHA-256, hex, of what its experiment says, and of each local file of code that it
    calls, by module or by the path that it writes; and the seconds of its pauses, which a fault without a duration
    outlasts.
    """

    model_config = ConfigDict(frozen=True)

    title: str = Field("", description="bound by the hash; for a message")
    experiment_sha256: str = _Sha256
    code: dict[str, str] = Field(default_factory=dict)
    pauses_s: float = 0.0


class Approval(Asked):
    """Who let which experiment run, when, until when and why, and with which faults."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1, 2] = 2
    by: str
    host: str = ""
    given: AwareDatetime
    until: AwareDatetime
    why: str = Field(min_length=1)
    faults: tuple[ApprovedFault, ...] = ()
    key: str = Field("", pattern=r"^([0-9a-f]{64})?$", description="of the values that come from a secret")

    @model_validator(mode="before")
    @classmethod
    def _of_version_1(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and data.get("schema_version") == 1:
            return {name: value for name, value in data.items() if name != "faults_sha256"}
        return data

    def why_not(self, asked: Asked, fault: ApprovedFault, runner: str, now: datetime) -> str | None:
        """Why it does not let `runner` put `fault` in by the run that is `asked`, now; None when it does."""
        if self.schema_version == 1:
            return "an older version wrote it, without links and values; another person must type chaos approve again"
        if self.experiment_sha256 != asked.experiment_sha256:
            return "it is for another experiment, or this one was changed since"
        if changed := ", ".join(_changed(self.code, asked.code)):
            return f"the code that the experiment calls is another than when it was given: {changed}"
        if differs := why_none_is(self.faults, fault, self.key or "00"):
            return f"the faults have other values than when it was given: {differs}"
        if fault.duration_s is None and self.pauses_s != asked.pauses_s:
            return (
                f"on {fault.link} the fault has no duration, and the pauses of the experiment take "
                f"{asked.pauses_s:g} s instead of {self.pauses_s:g} s"
            )
        if self.by == runner:
            return f"{runner} gave it, who also runs it; another person must"
        if now < self.given:
            return f"it was given at {self.given.isoformat()}, which has not come yet; compare the clocks"
        return f"it ended at {_local(self.until)}" if now >= self.until else None


def give(folder: Path, approval: Approval) -> Path:
    """Write one down, whole or not at all; gives its file. Raises BadFile: then nothing is approved."""
    file = folder / f"{approval.experiment_sha256[:12]}-{_word(approval.by)}-{new_id()}.yaml"
    text = yaml.safe_dump(approval.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
    if len(text.encode()) > BIGGEST:
        raise BadFile(
            f"nothing is approved: {len(approval.faults)} faults are too many for one approval; let the experiment "
            "name fewer links"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replaced(file, text, 0o644)
    except OSError as error:
        raise BadFile(
            f"the approval {file} cannot be written ({error.strerror}), so nothing is approved; free the folder, or "
            "let the policy name another: `approvals: /path`"
        ) from error
    return file


def all_of(folder: Path) -> tuple[list[tuple[Path, Approval]], list[str]]:
    """Every approval there is, the newest first, and what could not be read. No folder: none."""
    found, unreadable = [], []
    try:
        files = sorted(folder.glob("[!.]*.yaml"))
    except OSError as error:
        return [], [f"the approvals in {folder} cannot be read: {error.strerror}"]
    for file in files:
        try:
            found.append((file, _read(file)))
        except BadFile as error:
            unreadable.append(str(error))
    return sorted(found, key=lambda pair: pair[1].given, reverse=True), unreadable


def why_not(
    folder: Path, asked: Asked | None, fault: ApprovedFault, runner: str, now: datetime
) -> tuple[Approval | None, str]:
    """The approval that lets `runner` put `fault` in by the run that is `asked`; else None, and why none does."""
    if asked is None:
        return None, "which experiment this is is known only in a run under our control (`chaos enable`)"
    found, unreadable = all_of(folder)
    near = [one for _, one in found if one.experiment_sha256 == asked.experiment_sha256]
    for one in near:
        if one.why_not(asked, fault, runner, now) is None:
            return one, ""
    if near:
        return None, f"the approval of {near[0].by} does not hold: {near[0].why_not(asked, fault, runner, now)}"
    same = next((one for _, one in found if one.title and one.title == asked.title), None)
    if same is not None:
        return None, f"nobody has approved it as it is now; what {same.by} approved under this title was another text"
    broken = f" ({len(unreadable)} files there cannot be read: chaos approve --list)" if unreadable else ""
    return None, f"nobody has approved it as it is now{broken}"


def _changed(seen: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    return [
        f"{name} {'was not there' if name not in seen else 'is not there now' if name not in now else 'was changed'}"
        for name in sorted({*seen, *now})
        if seen.get(name) != now.get(name)
    ]


def _read(file: Path) -> Approval:
    try:
        return _parsed(read_whole(file))
    except ValidationError as error:
        first = error.errors()[0]
        if first["loc"] == ("schema_version",):
            raise BadFile(
                f"the approval {file} approves nothing: it is of version {first['input']!r}, perhaps for a newer "
                f"chaostoolkit-ext; this one knows {SCHEMA}"
            ) from error
        name = ".".join(str(step) for step in first["loc"])
        raise BadFile(f"the approval {file} approves nothing: {name + ': ' if name else ''}{first['msg']}") from error
    except Exception as error:  # PyYAML lets ValueError, RecursionError and others out as well
        said = error.strerror if isinstance(error, OSError) else one_line(str(error))
        raise BadFile(f"the approval {file} approves nothing, it cannot be read: {said}") from error


@lru_cache(maxsize=256)
def _parsed(content: bytes) -> Approval:
    """Each fault asks, and an approval of many links is long."""
    return Approval.model_validate(yaml.safe_load(content))


def _word(name: str) -> str:
    return "".join(sign if sign.isalnum() else "-" for sign in name) or "somebody"


def _local(moment: datetime) -> str:
    local = moment.astimezone()
    return f"{local:%Y-%m-%d %H:%M %Z}"
