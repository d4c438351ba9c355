"""Which experiment this is: what an approval knows it by, and what a record calls it by.

Two hashes. One over what the experiment says, less what the host writes into it while it runs. One over what its faults
are told once configuration is put in: `--var` and the environment change that without changing the experiment.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from chaoslib_ext.record.encode import canonical, plain
from chaoslib_ext.safety.approvals import Asked

from .on_link import pause
from .preflight import ours

__all__ = ["asked", "experiment_sha256", "faults_sha256"]


def asked(
    experiment: Mapping[str, Any],
    configuration: Mapping[str, Any],
    secrets: Mapping[str, Any],
    code: Mapping[str, str],
) -> Asked:
    """What an approval knows this run by; `code` is `plan.local_code`'s. The host puts values into the title as a run
    begins.
    """
    from chaoslib import substitute

    title = experiment.get("title")
    title = substitute(title, configuration, secrets) if isinstance(title, str) else title
    titled = {**experiment, "title": title} if title else experiment
    pauses = sum(pause(one, when, configuration) for one in _activities(experiment) for when in ("before", "after"))
    told = " ".join(str(title or "").split())
    return Asked(title=told, experiment_sha256=experiment_sha256(titled), code=dict(code), pauses_s=pauses)


def experiment_sha256(experiment: Mapping[str, Any]) -> str:
    """SHA-256, hex, of what it says: the same from its file and in the middle of its run."""
    said = {name: value for name, value in experiment.items() if name != "dry"}  # `chaos run` adds it
    configuration = said.get("configuration")
    if isinstance(configuration, dict):
        said["configuration"] = {name: _without_secrets(entry) for name, entry in configuration.items()}
    return _sha256(said)


def faults_sha256(experiment: Mapping[str, Any], configuration: Mapping[str, Any]) -> str:
    """SHA-256, hex, of module, function and arguments of each action of ours, configuration put in.

    Configuration that a probe gives at the start of a run is left as `${name}`, and so are secrets.
    """
    from chaoslib import substitute

    known = _static(experiment, configuration)
    told = [
        [one.get("module"), one.get("func"), substitute(one.get("arguments") or {}, known, {})]
        for one in ours(experiment)
    ]
    return _sha256(told)


def _activities(experiment: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    hypothesis = experiment.get("steady-state-hypothesis")
    probes = hypothesis.get("probes") if isinstance(hypothesis, Mapping) else None
    for activities in (probes, experiment.get("method"), experiment.get("rollbacks")):
        yield from (one for one in activities if isinstance(one, Mapping)) if isinstance(activities, list) else ()


def _static(experiment: Mapping[str, Any], configuration: Mapping[str, Any]) -> dict[str, Any]:
    """The values that are the same whoever asks, and when: not those that a probe gives."""
    declared = experiment.get("configuration")
    entries = declared if isinstance(declared, dict) else {}
    return {name: value for name, value in configuration.items() if not _is_dynamic(entries.get(name))}


def _without_secrets(entry: Any) -> Any:
    """The host copies all secrets into the provider of a dynamic entry (chaoslib/configuration.py)."""
    provider = entry.get("provider") if _is_dynamic(entry) else None
    if not isinstance(provider, dict):
        return entry
    return {**entry, "provider": {name: value for name, value in provider.items() if name != "secrets"}}


def _is_dynamic(entry: Any) -> bool:
    return isinstance(entry, dict) and entry.get("type") == "probe"


def _sha256(value: Any) -> str:
    return hashlib.sha256(canonical(plain(value))).hexdigest()
