"""Python functions that are named: are they there, and do they take what they are given? Nothing is imported for it."""

from collections.abc import Iterator
from difflib import get_close_matches
from inspect import isroutine
from pathlib import Path as FilePath
from typing import Any

from chaoslib_ext.errors import did_you_mean
from chaoslib_ext.lint.calls import Called, called
from chaoslib_ext.lint.finding import Concern, Hit, Rule, Severity
from chaoslib_ext.lint.here import Here
from chaoslib_ext.lint.modules import Module, Opaque, Standard, distribution
from chaoslib_ext.lint.parts import Step, activities, controls, mapping
from chaoslib_ext.lint.tree import Path
from chaoslib_ext.lint.types import fits, shown

__all__ = ["RULES", "check"]

NOT_INSTALLED = Rule(
    "not-installed-here",
    Severity.NOTE,
    "A Python package that is not installed here.",
    "The host refuses the experiment on this machine.",
    "Install it into the environment of `chaos`, where the experiment runs.",
    Concern.MACHINE,
)
CONTROL_NOT_INSTALLED = Rule(
    "control-not-installed-here",
    Severity.WARNING,
    "The module of a control is not installed here.",
    "The host passes over such a control with one line in its log, and the faults go in without it, even when it is "
    "there to stop them.",
    "Install it where the experiment runs, before it runs.",
    Concern.MACHINE,
)
IMPORT_FAILS = Rule(
    "import-fails-here",
    Severity.NOTE,
    "A module is installed, but a package that it imports is not.",
    "The host says that it could not find the module, and refuses the experiment on this machine.",
    "Install that package too.",
    Concern.MACHINE,
)
UNKNOWN_MODULE = Rule(
    "unknown-module",
    Severity.ERROR,
    "A module that is not there, while one with nearly that name is; or one of ours that is not there.",
    "The host refuses the experiment; as a control it is passed over, and the faults go in without it.",
    "Write the module's name as the package has it (`chaos discover`).",
)
UNKNOWN_FUNCTION = Rule(
    "unknown-function",
    Severity.ERROR,
    "A function that the installed module does not have.",
    "The host refuses the experiment.",
    "Write the function's name as the package has it (`chaos discover`), or install the version that has it.",
)
UNKNOWN_ARGUMENT = Rule(
    "unknown-argument",
    Severity.ERROR,
    "An argument that the function does not take.",
    "The host refuses the experiment.",
    "Write the argument's name as the function has it.",
)
MISSING_ARGUMENT = Rule(
    "missing-argument",
    Severity.ERROR,
    "An argument without which the function cannot be called.",
    "The host refuses the experiment.",
    "Add it under `arguments`.",
)
ARGUMENT_TYPE = Rule(
    "argument-type",
    Severity.WARNING,
    "An argument of another kind than the function says it takes.",
    "The host hands it over as it stands; the function may fail in the middle of the run. (In a function of ours it is "
    "an error: it is refused.)",
    "Write a value of that kind: numbers and true or false without quotes.",
)
RULES = (
    NOT_INSTALLED,
    CONTROL_NOT_INSTALLED,
    IMPORT_FAILS,
    UNKNOWN_MODULE,
    UNKNOWN_FUNCTION,
    UNKNOWN_ARGUMENT,
    MISSING_ARGUMENT,
    ARGUMENT_TYPE,
)

OURS = ("actions", "probes", "chaoslib_ext")
_GIVEN = ("secrets", "configuration")
_PACKAGES = {
    "chaosaddons": "chaostoolkit-addons",
    "chaosaws": "chaostoolkit-aws",
    "chaosazure": "chaostoolkit-azure",
    "chaoscf": "chaostoolkit-cloud-foundry",
    "chaosdynatrace": "chaostoolkit-dynatrace",
    "chaosgcp": "chaostoolkit-google-cloud-platform",
    "chaosgrafana": "chaostoolkit-grafana",
    "chaosistio": "chaostoolkit-istio",
    "chaosk6": "chaostoolkit-k6",
    "chaosk8s": "chaostoolkit-kubernetes",
    "chaosotel": "chaostoolkit-opentelemetry",
    "chaosprometheus": "chaostoolkit-prometheus",
    "chaosreliably": "chaostoolkit-reliably",
    "chaosslack": "chaostoolkit-slack",
    "chaosspring": "chaostoolkit-spring",
    "chaostoxi": "chaostoolkit-toxiproxy",
    "chaostracing": "chaostoolkit-opentracing",
}


def check(data: dict[Any, Any], here: Here) -> Iterator[Hit]:
    """Every function that an activity calls, and the module of every control."""
    for step in activities(data):
        module = step.provider.get("module")
        if step.kind == "python" and isinstance(module, str) and module:
            yield from _missing(module, (*step.at, "module"), here, NOT_INSTALLED)
            yield from _function(step, here)
    for path, control in controls(data):
        module = mapping(control.get("provider")).get("module")
        if isinstance(module, str) and module:
            yield from _missing(module, (*path, "provider", "module"), here, CONTROL_NOT_INSTALLED)


def _missing(module: str, at: Path, here: Here, otherwise: Rule) -> Iterator[Hit]:
    found = here.modules.find(module)
    if isinstance(found, Module) and (lacking := here.modules.lacks(found)):
        names = ", ".join(lacking)
        yield IMPORT_FAILS.at(at, f"{module} needs {names}", cure=f"pip install {' '.join(lacking)}")
    if found is not None:
        return
    top = module.partition(".")[0]
    beside = [folder for folder in (here.folder, here.folder.parent) if _lies_in(folder, module)]
    if beside:
        cure = f"Start it with that folder on Python's path: PYTHONPATH={beside[0]}"
        yield otherwise.at(at, f"{module} lies in {beside[0]}, where the host does not look", cure=cure)
    elif here.modules.has_top(module):
        yield from _no_such_module(module, at, here, otherwise)
    else:
        package = _PACKAGES.get(top)
        cure = f"pip install {package}" if package else ""
        yield otherwise.at(at, f"the package {top} is not installed here", cure=cure)


def _no_such_module(module: str, at: Path, here: Here, otherwise: Rule) -> Iterator[Hit]:
    """The package is there. Another version, or another package of the same name, may have the module."""
    top, name = module.partition(".")[0], module.rpartition(".")[2]
    known = here.modules.children(module.rpartition(".")[0])
    says = f"{distribution(top) or top} has no module {module}"
    if top == "chaoslib_ext" or get_close_matches(name, known, n=1):  # our faces open onto folders of one's own
        yield UNKNOWN_MODULE.at(at, says + (did_you_mean(name, known) if known else ""))
    else:
        yield otherwise.at(at, says, cure="Install the version, or the package, that has it.")


def _lies_in(folder: FilePath, module: str) -> bool:
    parts = module.split(".")
    try:
        return folder.joinpath(*parts[:-1], f"{parts[-1]}.py").is_file() or folder.joinpath(*parts).is_dir()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _function(step: Step, here: Here) -> Iterator[Hit]:
    function = called(step, here)
    if isinstance(function, Called):
        yield from _arguments(step, function)
    elif function is None and step.provider.get("func") and isinstance(step.provider["func"], str):
        name = step.provider["module"]
        module = here.modules.find(name)
        if module is None:
            return
        known = _functions(module, here)
        says = f"{name} has no function {step.provider['func']}{did_you_mean(step.provider['func'], known)}"
        yield UNKNOWN_FUNCTION.at((*step.at, "func"), says + _version(name))


def _functions(module: Module | Opaque, here: Here) -> list[str]:
    """Names to suggest."""
    if isinstance(module, Standard) and module.loaded is not None:
        return [name for name, one in module.loaded.items() if isroutine(one) and not name.startswith("_")]
    text = module.text if isinstance(module, Standard) else module
    return here.modules.functions(text) if isinstance(text, Module) else []


def _arguments(step: Step, function: Called) -> Iterator[Hit]:
    given = step.provider.get("arguments", {})
    if not isinstance(given, dict):
        return
    extra = {"value"} if step.section == "tolerance" else set()
    parameters = {one.name: one for one in function.parameters}
    for name, value in given.items():
        at = (*step.at, "arguments", name)
        if name not in parameters:
            if not function.takes_any:
                known = [one for one in parameters if one not in _GIVEN]
                says = f"{function.name} takes no argument {name}{did_you_mean(str(name), known)}"
                yield UNKNOWN_ARGUMENT.at(at, says + _version(function.name))
        elif fits(value, parameters[name].annotation, function.module, function.modules) is False:
            wanted = shown(parameters[name].annotation)
            ours = function.name.partition(".")[0] in OURS
            yield ARGUMENT_TYPE.at(
                at,
                f"{name} is {value!r}, and {function.name} takes {wanted}",
                severity=Severity.ERROR if ours else None,
            )
    for name, one in parameters.items():
        if one.is_needed and name not in given and name not in _GIVEN and name not in extra:
            yield MISSING_ARGUMENT.at(step.at, f"{function.name} needs the argument {name}")


def _version(name: str) -> str:
    """Which version says so, for a package that is not ours."""
    owner = None if name.partition(".")[0] in OURS else distribution(name)
    return f" in {owner}" if owner else ""
