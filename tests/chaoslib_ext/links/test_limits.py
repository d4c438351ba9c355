"""What a link cannot do is said when it is added."""

import pytest

from chaoslib_ext.links.limits import limits


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("URL", "https://api.example/", "TLS passes through"),
        ("URL", "rediss://cache", "TLS passes through"),
        ("URL", "postgres://u:s3cret@db/x?sslmode=verify-full", "TLS passes through"),
        ("URL", "Server=db,1;Encrypt=True", "TLS passes through"),
        ("URL", "http://api.example/", "the Host header"),
        ("URL", "mongodb://a,b/x", "directConnection"),
        ("KAFKA_SERVERS", "k:9092", "advertised.listeners"),
        ("URL", "redis+sentinel://s/m", "later"),
    ],
)
def test_each_is_told_without_the_value(variable: str, value: str, says: str) -> None:
    told = " ".join(limits(variable, value))
    assert says in told and "s3cret" not in told


@pytest.mark.parametrize("value", ["postgres://u@db/x", "redis://cache", "postgres://u@db/x?sslmode=disable", "db:1"])
def test_what_has_no_limit_is_told_nothing(value: str) -> None:
    assert limits("DATABASE_URL", value) == []
