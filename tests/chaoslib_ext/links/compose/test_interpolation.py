"""`${NAME}` in all its forms (the table of docs.docker.com/reference/compose-file/interpolation)."""

import pytest

from chaoslib_ext.links.compose.interpolation import interpolated, names_in

VALUES = {"SET": "value", "EMPTY": "", "HOST": "db"}


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("$SET and ${SET}", "value and value"),
        ("${GONE}|$GONE|", "||"),
        ("${GONE:-d}${EMPTY:-d}${SET:-d}", "ddvalue"),
        ("${GONE-d}${EMPTY-d}${SET-d}", "dvalue"),
        ("${GONE:?why}${SET?why}", "value"),
        ("${SET:+r}${EMPTY:+r}${EMPTY+r}${GONE+r}", "rr"),
        ("${GONE:-${HOST:-x}:5432}", "db:5432"),
        ("${GONE:-http://a/${EMPTY:-b}/c}", "http://a/b/c"),
        ("$$SET $${SET} 5$ $", "$SET ${SET} 5$ $"),
        ("${EXPOSE_PORT-:2283:2283}", ":2283:2283"),
        ("${broken and ${} ${-x}", "${broken and ${} ${-x}"),
        ("", ""),
    ],
)
def test_each_form_becomes_what_compose_makes_of_it(text: str, becomes: str) -> None:
    assert interpolated(text, VALUES) == becomes


def test_the_names_in_a_text() -> None:
    assert names_in("${A:-${B}} $C $${D}") == ["A", "B", "C"]
