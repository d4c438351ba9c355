"""`chaos discover` lists every probe and action that an experiment can name, with every argument."""

import importlib
import inspect
import json
from pathlib import Path

import pytest

from chaoslib_ext import discover


@pytest.mark.parametrize("face", ["probes", "actions"])
def test_every_public_function_of_a_face_is_listed(face: str) -> None:
    listed = {(found["mod"], found["name"]) for found in discover()["activities"] if found["type"] == face[:-1]}
    folder = Path(importlib.import_module(face).__file__ or "").parent
    modules = [importlib.import_module(f"{face}.{f.stem}") for f in folder.glob("*.py") if f.stem != "__init__"]
    assert listed == {
        (module.__name__, name)
        for module in modules
        for name in module.__all__
        if inspect.isfunction(vars(module)[name])
    }
    assert listed


def test_each_is_documented_and_every_argument_is_listed() -> None:
    for found in discover()["activities"]:
        function = getattr(importlib.import_module(found["mod"]), found["name"])
        assert found["doc"], found["name"]
        assert {argument["name"] for argument in found["arguments"]} == set(inspect.signature(function).parameters)


def test_the_list_is_plain_json_and_sorted() -> None:
    found = json.loads(json.dumps(discover()))
    names = [(one["type"], one["mod"], one["name"]) for one in found["activities"]]
    assert names == sorted(names, key=lambda name: (name[0] != "probe", name))
    assert found["extension"]["name"] == "chaostoolkit-ext"


def test_either_face_discovers_the_same() -> None:
    import actions
    import probes

    assert actions.discover()["activities"] == probes.discover()["activities"] == discover()["activities"]
