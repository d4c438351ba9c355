import pytest

from chaoslib_ext.blackbox.json_path import json_path
from chaoslib_ext.errors import BadInput


def test_it_finds_one_several_or_nothing() -> None:
    document = {"items": [{"price": 1}, {"price": 2}]}
    assert json_path("$.items[0].price")(document) == [1]
    assert json_path("$.items[*].price")(document) == [1, 2]
    assert json_path("$.lost")(document) == []


@pytest.mark.parametrize("wrong", ["items", "$[", "", None, 5, "$.a["])
def test_a_path_that_is_none_is_refused(wrong: object, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(BadInput, match="JSONPath"):
        json_path(wrong)  # type: ignore[arg-type]
    assert capfd.readouterr().err == "", "its parser has its own opinion, which nobody asked for"
