"""A variable of any form: its services are found, and bash makes of the printed line what is wanted."""

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaoslib_ext.errors import BadInput
from chaoslib_ext.links.value import line_for, places

TO = "127.0.0.1:26001"


def changed(**env: str) -> dict[str, str]:
    """What bash has in the variables after the line for the first of them."""
    variable = next(iter(env))
    found = places(variable, env)
    line = line_for(variable, env, [(one, f"127.0.0.1:{26001 + number}") for number, one in enumerate(found)])
    script = f"{line}; " + "; ".join(f'printf "%s\\0" "${name}"' for name in env)
    ran = subprocess.run(["bash", "-c", script], env=env, capture_output=True, text=True, check=True)
    return dict(zip(env, ran.stdout.split("\0"), strict=False))


@pytest.mark.parametrize(
    ("value", "after"),
    [
        ("postgres://u:p@db.example:5432/shop", f"postgres://u:p@{TO}/shop"),
        ("postgresql+psycopg://u:p@db/shop", f"postgresql+psycopg://u:p@{TO}/shop"),
        ("redis://:p%40@[::1]/0", f"redis://:p%40@{TO}/0"),
        ("redis://[::1]:7000", f"redis://{TO}"),
        ("https://api.example/v1?to=api.example", f"https://{TO}/v1?to=api.example"),
        ("postgres://db:db@db/db", f"postgres://db:db@{TO}/db"),
        ("mysql://u:a@b$`x`'\"@db:1/s", f"mysql://u:a@b$`x`'\"@{TO}/s"),
        ("redis://:a/b?c@db/0", f"redis://:a/b?c@{TO}/0"),
        ("postgres://u:p@a:1,b:2/x", f"postgres://u:p@{TO},127.0.0.1:26002/x"),
        ("postgres://a:1@a:1,a:1/x", f"postgres://a:1@{TO},127.0.0.1:26002/x"),
        ("http://x:80?mail=a@b.c", f"http://{TO}?mail=a@b.c"),
        ("nats://n:1,nats://n:2", f"nats://{TO},nats://127.0.0.1:26002"),
        ("jdbc:postgresql://db:5432/db?user=db", f"jdbc:postgresql://{TO}/db?user=db"),
        ("jdbc:oracle:thin:@db:1521:db", f"jdbc:oracle:thin:@{TO}:db"),
        (
            "user=db password=db host=db port=5432 dbname=5432",
            "user=db password=db host=127.0.0.1 port=26001 dbname=5432",
        ),
        ("user=db host=db", "user=db host=127.0.0.1 port=26001"),
        ("Password=db;Server=tcp:db,1433;Database=db", "Password=db;Server=tcp:127.0.0.1,26001;Database=db"),
        ("db:db@tcp(db:3306)/db", f"db:db@tcp({TO})/db"),
        ("k:1,k:2", f"{TO},127.0.0.1:26002"),
        ("cache:6379,password=cache:6379", f"{TO},password=cache:6379"),
    ],
)
def test_bash_makes_of_it_what_is_wanted(value: str, after: str) -> None:
    assert changed(X_URL=value)["X_URL"] == after


def test_a_host_and_its_port_apart() -> None:
    assert changed(REDIS_HOST="cache", REDIS_PORT="6379") == {"REDIS_HOST": "127.0.0.1", "REDIS_PORT": "26001"}
    assert changed(PGHOST="db.example", PGPORT="5432") == {"PGHOST": "127.0.0.1", "PGPORT": "26001"}


@pytest.mark.parametrize(
    ("env", "says"),
    [
        ({}, "is not set here"),
        ({"X": ""}, "is empty"),
        ({"X": "postgres://u:s3cret@${HOST}/x"}, "placeholder"),
        ({"X": "s3cret"}, "holds no URL"),
        ({"X_HOST": "db"}, "no X_PORT its port"),
        ({"X_HOST": "db", "X_PORT": "99999"}, "not an address"),
        ({"X": "12:30:59 s3cret"}, "holds no URL"),
    ],
)
def test_what_cannot_be_a_link_is_refused_without_its_secret(env: dict[str, str], says: str) -> None:
    with pytest.raises(BadInput, match=says) as error:
        places(next(iter(env), "X"), env)
    assert "s3cret" not in str(error.value)


def test_a_host_that_bash_would_not_find_is_refused_before_anything_is_touched() -> None:
    env = {"X": "u:ptcp(db:1)@tcp(db:1)/x"}
    with pytest.raises(BadInput, match="by hand"):
        line_for("X", env, [(one, TO) for one in places("X", env)])


PARTS = [
    "postgres",
    "://",
    "@",
    ":",
    "/",
    "db",
    "5432",
    "%40",
    "host=",
    "port=",
    ";",
    ",",
    "tcp(",
    ")",
    "[::1]",
    "jdbc:",
    " ",
    "'",
    "$",
    "é",
]


@given(st.lists(st.sampled_from(PARTS), min_size=1, max_size=10).map("".join))
def test_any_value_is_understood_or_refused_and_what_is_put_in_leads_to_the_link(value: str) -> None:
    env = {"X_HOST": value, "X_PORT": "1"}
    try:
        found = places("X_HOST", env)
        line = line_for("X_HOST", env, [(one, TO) for one in found])
    except BadInput:
        return
    assert line.count("export ") == sum(len(one.spots) for one in found)
    for place in found:
        for spot in place.spots:
            assert env[spot.variable][spot.start :].startswith(spot.text)
