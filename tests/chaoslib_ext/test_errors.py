"""One family of errors, drawn as a tree, each with a sentence; and the near name for a wrong one."""

import re

import pytest

from chaoslib_ext import errors

CLASSES = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_each_is_exported_drawn_and_described(cls: type) -> None:
    assert issubclass(cls, errors.ExtError)
    assert cls.__name__ in errors.__all__
    assert cls.__doc__
    assert re.search(rf"\b{cls.__name__}\b", errors.__doc__ or "")


def test_the_tree_is_drawn_as_it_is() -> None:
    """Each name in the drawing is indented below its parent."""
    above: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        if not (found := re.match(r"^([ │├└─]+)([A-Z]\w+)\b", line)) or not hasattr(errors, found[2]):
            continue
        depth, name = len(found[1]), found[2]
        above = [(column, parent) for column, parent in above if column < depth]
        if above:
            assert getattr(errors, above[-1][1]) in getattr(errors, name).__bases__, name
        above.append((depth, name))


@pytest.mark.parametrize(
    ("wrong", "known", "said"),
    [
        ("chekout", ["checkout", "cart"], "; did you mean checkout? (known: cart, checkout)"),
        ("zzz", ["cart"], " (known: cart)"),
        ("x", [], " (none is known)"),
        ("x", [f"n{i}" for i in range(9)], " (known: n0, n1, n2, n3, n4, n5, n6, n7, ...)"),
    ],
)
def test_a_wrong_name_is_answered_with_the_near_one(wrong: str, known: list[str], said: str) -> None:
    assert errors.did_you_mean(wrong, known) == said
