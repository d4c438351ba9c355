"""The Python function that an activity calls, as far as it can be told without running anything."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .here import Here
from .modules import Function, Module, Modules, Opaque, Standard
from .parts import Step

__all__ = ["Called", "Parameter", "called"]


@dataclass(frozen=True)
class Parameter:
    """One argument that a function takes."""

    name: str
    annotation: ast.expr | None
    is_needed: bool


@dataclass(frozen=True)
class Called:
    """A function that could be read."""

    name: str
    node: ast.FunctionDef | ast.AsyncFunctionDef
    module: Module
    modules: Modules

    @property
    def parameters(self) -> list[Parameter]:
        """What it takes by name."""
        return list(_parameters(self.node.args))

    @property
    def takes_any(self) -> bool:
        """Does it end in `**more`?"""
        return self.node.args.kwarg is not None

    def gives(self, kind: str) -> bool:
        """Does it say that it gives exactly that kind: `dict`, `Dict[str, Any]`?"""
        returns = self.node.returns
        returns = returns.value if isinstance(returns, ast.Subscript) else returns
        return getattr(returns, "id", getattr(returns, "attr", "")).lower() == kind


def called(step: Step, here: Here) -> Called | Opaque | None:
    """The function; Opaque when it is there and cannot be read; None when it is not there or nothing is named."""
    module, name = step.provider.get("module"), step.provider.get("func")
    if step.kind != "python" or not _is_name(module) or not _is_name(name):
        return None
    found = here.modules.find(str(module))
    if isinstance(found, Standard):
        return here.modules.standard(found, str(name))
    if not isinstance(found, Module):
        return found
    function = here.modules.function(found, str(name))
    if not isinstance(function, Function):
        return function
    return Called(f"{module}.{name}", function.node, function.module, here.modules)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _parameters(arguments: ast.arguments) -> Iterator[Parameter]:
    plain = [*arguments.posonlyargs, *arguments.args]
    without = len(plain) - len(arguments.defaults)
    for number, one in enumerate(plain):
        yield Parameter(one.arg, one.annotation, number < without)
    for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield Parameter(one.arg, one.annotation, default is None)
