"""Does a value fit a parameter's annotation? Read from source, so names are looked up where they were written."""

import ast
from typing import Any

from .modules import Module, Modules

__all__ = ["fits", "may_be_none", "shown"]

_PLAIN: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "dict": (dict,),
    "Dict": (dict,),
    "Mapping": (dict,),
    "list": (list,),
    "List": (list,),
    "Sequence": (list, str),
    "tuple": (list,),
    "Tuple": (list,),
    "bytes": (),
}


def fits(value: Any, annotation: ast.expr | None, module: Module, modules: Modules) -> bool | None:
    """Yes, no, or None where it cannot be told. A text with `${` in it may become anything."""
    if annotation is None or (isinstance(value, str) and "${" in value):
        return None
    options = list(_options(annotation, module, modules))
    told = [_fits_one(value, one) for one in options]
    if any(told):
        return True
    return None if not options or None in told else False


def may_be_none(annotation: ast.expr | None, module: Module, modules: Modules) -> bool:
    """Does a function say that it may give None?"""
    options = list(_options(annotation, module, modules)) if annotation is not None else []
    return any(isinstance(one, ast.Constant) and one.value is None for one in options)


def shown(annotation: ast.expr | None) -> str:
    """As it stands in the source."""
    return ast.unparse(annotation) if annotation is not None else "anything"


def _options(node: ast.expr, module: Module, modules: Modules, depth: int = 0) -> list[ast.expr]:
    """`A | B`, `Union[A, B]`, `Optional[A]` and aliases, taken apart."""
    if depth > 8:
        return [ast.Name("Any")]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            return _options(ast.parse(node.value, mode="eval").body, module, modules, depth + 1)
        except (SyntaxError, ValueError):
            return [ast.Name("Any")]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [one for side in (node.left, node.right) for one in _options(side, module, modules, depth + 1)]
    if isinstance(node, ast.Subscript) and _name(node.value) in ("Union", "Optional"):
        inside = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        none: list[ast.expr] = [ast.Constant(None)] if _name(node.value) == "Optional" else []
        return [one for part in inside for one in _options(part, module, modules, depth + 1)] + none
    if isinstance(node, ast.Name) and node.id not in _PLAIN and node.id != "Any":
        alias = modules.assigned(module, node.id)
        if alias is not None:
            return _options(alias[0], alias[1], modules, depth + 1)
    return [node]


def _fits_one(value: Any, node: ast.expr) -> bool | None:
    if isinstance(node, ast.Constant):
        return value is None if node.value is None else None
    if isinstance(node, ast.Subscript) and _name(node.value) == "Literal":
        inside = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return value in [one.value for one in inside if isinstance(one, ast.Constant)]
    name = _name(node.value if isinstance(node, ast.Subscript) else node)
    plain = _PLAIN.get(name)
    if plain is None:
        return None
    if isinstance(value, bool):
        return bool in plain
    return isinstance(value, plain)


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
