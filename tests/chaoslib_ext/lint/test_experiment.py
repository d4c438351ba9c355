"""The models of an experiment: what the host takes, they take; where it breaks off, they refuse."""

from typing import Any

import pytest
from pydantic import ValidationError

from chaoslib_ext.lint.experiment import Experiment

ACTION = {"type": "action", "name": "a", "provider": {"type": "python", "module": "os", "func": "getcwd"}}
LEAST: dict[str, Any] = {"title": "x", "description": "x", "method": [ACTION]}


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What the host says of an experiment: True when it takes it."""
    from chaoslib.experiment import ensure_experiment_is_valid

    def takes(experiment: dict[str, Any]) -> bool:
        try:
            ensure_experiment_is_valid(experiment)
        except Exception:
            return False
        return True

    return takes


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"title": 5},
        {"tags": None},
        {"tags": []},
        {"contributions": {"availability": "high"}},
        {"runtime": {}},
        {"extensions": None},
        {"method": []},
        {"method": [{**ACTION, "pauses": {"before": 1, "after": "${x}"}, "background": True, "timeout": 1.5}]},
        {"steady-state-hypothesis": {"title": "x", "probes": []}},
        {"anything": "else"},
    ],
)
def test_what_the_host_takes_the_models_take(change: dict[str, Any], host: Any) -> None:
    assert host({**LEAST, **change})
    Experiment.model_validate({**LEAST, **change})


@pytest.mark.parametrize(
    "change",
    [
        {"title": ""},
        {"method": None},
        {"rollbacks": None},
        {"secrets": None},
        {"configuration": None},
        {"controls": None},
        {"steady-state-hypothesis": None},
        {"steady-state-hypothesis": {"title": "x", "probes": None}},
        {"steady-state-hypothesis": {"probes": []}},
        {"method": [{**ACTION, "background": "yes"}]},
        {"method": [{**ACTION, "pauses": 5}]},
        {"method": [{**ACTION, "pauses": {"before": "5"}}]},
        {"method": [{**ACTION, "timeout": "5"}]},
        {"method": [{**ACTION, "provider": {"type": "pyton"}}]},
        {"method": [{"ref": ""}]},
        {"extensions": [{"name": ""}]},
        {"controls": [{"name": "c"}]},
        {"controls": [{"name": "c", "scope": "around", "provider": {"type": "python", "module": "os"}}]},
    ],
)
def test_what_the_host_refuses_or_breaks_off_at_the_models_refuse(change: dict[str, Any], host: Any) -> None:
    assert not host({**LEAST, **change})
    with pytest.raises(ValidationError):
        Experiment.model_validate({**LEAST, **change})
