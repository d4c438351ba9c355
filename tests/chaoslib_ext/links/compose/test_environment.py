"""The variables of a service, and the line of the file that one edits to change each."""

from collections.abc import Callable
from pathlib import Path

from chaoslib_ext.links.compose.environment import Variable, values_beside, variables_of
from chaoslib_ext.links.compose.file import services_of

Compose = Callable[..., Path]


def read(file: Path, **shell: str) -> tuple[dict[str, Variable], list[str]]:
    values = values_beside(file, shell)
    variables, absent = variables_of(services_of([file], values)["web"], file.parent, values)
    return {one.name: one for one in variables}, absent


def test_env_files_lie_below_the_environment(compose: Compose) -> None:
    compose("# first\n\nexport A=file # why\nB='b b'\nC=\"${HOST:-db}:5432\"\nbroken line\n\nD=4\n", "web.env")
    file = compose("services:\n  web:\n    env_file: [web.env]\n    environment:\n      - A=own\n")
    found, absent = read(file, HOST="sql")
    assert {name: one.value for name, one in found.items()} == {"A": "own", "B": "b b", "C": "sql:5432", "D": "4"}
    assert (found["A"].raw.file.name, found["A"].raw.line) == ("docker-compose.yml", 5)
    assert {name: found[name].raw.line for name in "BCD"} == {"B": 4, "C": 5, "D": 8}
    assert absent == []


def test_the_shell_goes_before_dot_env(compose: Compose) -> None:
    compose("URL=postgres://db/x\nPORT=1\n", ".env")
    file = compose("services: {web: {environment: {URL: '${URL}', P: '$PORT', OTHER: '${GONE:-d}', SHELL_ONLY: }}}")
    found, _ = read(file, PORT="2", SHELL_ONLY="x")
    assert {name: one.value for name, one in found.items()} == {
        "URL": "postgres://db/x",
        "P": "2",
        "OTHER": "d",
        "SHELL_ONLY": "x",
    }
    assert (found["URL"].raw.file.name, found["URL"].raw.line) == (".env", 1)
    assert found["P"].raw.file == Path("the shell")
    assert found["OTHER"].raw.file == file


def test_a_variable_that_nobody_sets_is_not_there_and_an_absent_file_is_told(compose: Compose) -> None:
    file = compose(
        "services: {web: {environment: [A], env_file: ['${WHICH:-prod}.env', {path: may.env, required: false}]}}"
    )
    assert read(file) == ({}, ["prod.env"])
