"""Values and annotations."""

import ast
from collections.abc import Callable
from typing import Any

import pytest

from chaoslib_ext.lint.here import Here
from chaoslib_ext.lint.modules import Module
from chaoslib_ext.lint.types import fits, may_be_none, shown

SOURCE = """
from typing import Literal
from other import Far
Names = str | list[str]
Kind = Literal["a", "b"]
Loop = Loop
"""


@pytest.fixture
def check(machine_with: Callable[..., Here]) -> Callable[[Any, str], bool | None]:
    here = machine_with({"guest.py": SOURCE, "other.py": "Far = int\n"})
    module = here.modules.find("guest")
    assert isinstance(module, Module)
    return lambda value, text: fits(value, ast.parse(text, mode="eval").body, module, here.modules)


@pytest.mark.parametrize(
    ("value", "annotation", "expected"),
    [
        ("x", "str", True),
        (5, "str", False),
        (5, "int", True),
        (5.5, "int", False),
        (True, "int", False),
        (5, "float", True),
        (True, "bool", True),
        (1, "bool", False),
        (None, "str", False),
        (None, "Optional[str]", True),
        (None, "str | None", True),
        (5, "Union[str, int]", True),
        ([], "Union[str, int]", False),
        ({}, "Dict[str, Any]", True),
        ([1], "list[int]", True),
        ("x", "List[str]", False),
        ("x", "typing.Sequence[str]", True),
        ("x", "Names", True),
        (["x"], "Names", True),
        (5, "Names", False),
        ("a", "Kind", True),
        ("c", "Kind", False),
        ("x", "Far", False),
        (5, "'int'", True),
        ("${x}", "int", None),
        (5, "Secrets", None),
        (5, "Any", None),
        (5, "'not valid python('", None),
        (5, "Loop", None),
    ],
)
def test_a_value_fits_does_not_or_cannot_be_told(
    check: Any, value: Any, annotation: str, expected: bool | None
) -> None:
    assert check(value, annotation) is expected


def test_without_an_annotation_nothing_can_be_told() -> None:
    assert fits(5, None, None, None) is None and not may_be_none(None, None, None)  # type: ignore[arg-type]
    assert shown(None) == "anything" and shown(ast.parse("int | None", mode="eval").body) == "int | None"
