"""Small files that mean endless ones."""

from chaoslib_ext.lint.limits import DEPTH, breach
from chaoslib_ext.lint.tree import Place, Tree


def tree(data: object) -> Tree:
    return Tree(data, Place(1, 1), {})


def test_data_without_an_end_is_found() -> None:
    endless: list[object] = []
    endless.append({"a": endless})
    hit = breach(tree(endless))
    assert hit and hit.rule.id == "endless-alias"


def test_an_alias_bomb_is_found_without_being_walked() -> None:
    data: list[object] = ["lol"] * 10
    for _ in range(8):
        data = [data] * 10
    hit = breach(tree(data))
    assert hit and hit.rule.id == "alias-bomb"


def test_what_is_long_or_uses_aliases_in_measure_is_no_bomb() -> None:
    shared = {"type": "python"}
    assert breach(tree([shared] * 1000)) is None
    assert breach(tree(list(range(200_000)))) is None


def test_depth_counts_through_aliases() -> None:
    data: object = 1
    for _ in range(DEPTH):
        data = [data]
    assert breach(tree(data)) is None
    hit = breach(tree([data, {"again": [data]}]))
    assert hit and hit.rule.id == "too-deep"
