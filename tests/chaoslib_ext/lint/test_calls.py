"""The function that an activity calls."""

import inspect
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from chaoslib_ext import discover
from chaoslib_ext.lint.calls import Called, called
from chaoslib_ext.lint.here import Here
from chaoslib_ext.lint.modules import Opaque
from chaoslib_ext.lint.parts import Step

ACTIVITIES = [(found["mod"], found["name"]) for found in discover()["activities"]]


def step(module: Any, func: Any) -> Step:
    return Step("method", ("method", 0), {"provider": {"type": "python", "module": module, "func": func}})


@pytest.mark.parametrize(("module", "name"), ACTIVITIES)
def test_what_is_read_is_what_python_would_say(module: str, name: str) -> None:
    """Each probe and action of ours: the same arguments, and the same ones needed."""
    function = called(step(module, name), Here())
    assert isinstance(function, Called)
    signature = inspect.signature(getattr(import_module(module), name)).parameters
    read = {one.name: one.is_needed for one in function.parameters}
    assert read == {name: one.default is one.empty for name, one in signature.items()}


def test_keyword_only_and_any_arguments_are_read(machine_with: Callable[..., Here]) -> None:
    here = machine_with({"guest.py": "def f(a, /, b, c=1, *rest, d, e=2, **more) -> 'Dict[str, int]': ..."})
    function = called(step("guest", "f"), here)
    assert isinstance(function, Called) and function.takes_any and function.name == "guest.f"
    assert [(one.name, one.is_needed) for one in function.parameters] == [
        ("a", True),
        ("b", True),
        ("c", False),
        ("d", True),
        ("e", False),
    ]


@pytest.mark.parametrize(("module", "name"), [(None, "f"), ("os", 5), ("nothing", "f"), ([], {}), ("", "")])
def test_what_names_nothing_calls_nothing(module: Any, name: Any) -> None:
    assert called(step(module, name), Here()) is None


def test_a_function_of_python_itself_is_there_but_not_read() -> None:
    assert isinstance(called(step("os", "rename"), Here()), Opaque)
    assert called(step("os", "renme"), Here()) is None
