"""Data, and where each part of it stands."""

import pytest

from chaoslib_ext.lint.tree import Place, Tree, pointer


@pytest.fixture
def tree() -> Tree:
    inner = [7, 8]
    data = {"a": {"b": inner}, 5: None}
    marks = {
        id(data): {"a": Place(1, 1), 5: Place(4, 1)},
        id(data["a"]): {"b": Place(2, 3)},
        id(inner): {0: Place(2, 7), 1: Place(3, 7)},
    }
    return Tree(data, Place(1, 1), marks)


def test_a_part_has_its_place_and_a_missing_one_that_of_the_nearest_around_it(tree: Tree) -> None:
    assert tree.place(("a", "b", 1)) == (3, 7)
    assert tree.place(("a", "c")) == (1, 1) and tree.place(("a", "b", 9)) == (2, 3)
    assert tree.place(()) == (1, 1) and tree.place((5, "x")) == (4, 1)


def test_it_knows_what_it_holds(tree: Tree) -> None:
    assert tree.holds(("a", "b", 0)) and tree.holds((5,)) and tree.holds(())
    assert not tree.holds(("a", "b", 2)) and not tree.holds(("a", "b", 0, "x"))


def test_a_path_is_written_as_jsonpath() -> None:
    assert pointer(()) == "$"
    assert pointer(("method", 0, "steady-state", "max retries", None)) == "$.method[0].steady-state['max retries'].None"


def test_a_place_leads_back_to_the_part_that_stands_there(tree: Tree) -> None:
    assert tree.path_at(Place(2, 3)) == ("a", "b") and tree.path_at(Place(3, 7)) == ("a", "b", 1)
    assert tree.path_at(Place(3, 90)) == ("a", "b", 1), "the value behind its key"
    assert tree.path_at(Place(1, 0)) == ()
