"""URLs of every kind: the hosts are found, and no message tells a secret."""

import pytest

from chaoslib_ext.errors import BadInput
from chaoslib_ext.links.url import url_places, usual_port


@pytest.mark.parametrize(
    ("url", "upstreams"),
    [
        ("postgres://u:p@db.example:5432/shop", ["db.example:5432"]),
        ("postgresql+psycopg://u:p@db/shop?sslmode=require", ["db:5432"]),
        ("postgresql+asyncpg://u:p%40%2F@db/shop", ["db:5432"]),
        ("mysql+pymysql://u:p@db/shop", ["db:3306"]),
        ("mariadb://u@db", ["db:3306"]),
        ("mssql+pyodbc://u:p@db/x?driver=ODBC+Driver+18", ["db:1433"]),
        ("redis://:p%40@[::1]/0", ["[::1]:6379"]),
        ("redis://[::1]:7000", ["[::1]:7000"]),
        ("rediss://u:p@cache:6380/0", ["cache:6380"]),
        ("valkey://cache", ["cache:6379"]),
        ("redis+sentinel://s1,s2:1/mymaster", ["s1:26379", "s2:1"]),
        ("amqp://guest:guest@rabbit//", ["rabbit:5672"]),
        ("amqps://rabbit/%2Fvhost", ["rabbit:5671"]),
        ("amqp://a//;amqp://b//", ["a:5672", "b:5672"]),
        ("mongodb://u:p@m1,m2:27018,m3/shop?replicaSet=rs", ["m1:27017", "m2:27018", "m3:27017"]),
        ("https://api.example/v1?to=api.example", ["api.example:443"]),
        ("http://x:80?mail=a@b.c", ["x:80"]),
        ("wss://live.example/socket", ["live.example:443"]),
        ("kafka://k1:9092,k2:9092", ["k1:9092", "k2:9092"]),
        ("PLAINTEXT://k1:9092,SSL://k2:9093", ["k1:9092", "k2:9093"]),
        ("nats://n1:4222,nats://n2", ["n1:4222", "n2:4222"]),
        ("jdbc:postgresql://a:1,b/shop?user=u&password=p", ["a:1", "b:5432"]),
        ("jdbc:mysql:loadbalance://a,b/x", ["a:3306", "b:3306"]),
        ("jdbc:sqlserver://db:1433;databaseName=x;password=a@b", ["db:1433"]),
        ("db+postgresql://u:p@db/x", ["db:5432"]),
        ("postgres://db:db@db/db", ["db:5432"]),
        ("redis://:a/b?c@db/0", ["db:6379"]),
        ("strange://u:p@h:1234/x", ["h:1234"]),
    ],
)
def test_the_hosts_are_found_where_they_stand(url: str, upstreams: list[str]) -> None:
    found = url_places("URL", url)
    assert [one.upstream for one in found] == upstreams
    for place in found:
        (spot,) = place.spots
        assert url[spot.start :].startswith(spot.text) and place.upstream.startswith(spot.text)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("s3cret", "holds no URL"),
        ("mysql://u:a@s3cret/c@db:1/s", "behind a /"),
        ("mysql://u:12/s3cret@db:1/s", "behind a /"),
        ("sqlite:///s3cret.db", "is a file of this machine"),
        ("sqlite+aiosqlite:///s3cret.db", "is a file of this machine"),
        ("jdbc:h2:mem:s3cret", "is a file of this machine"),
        ("file:///s3cret", "is a file of this machine"),
        ("unix:///run/s3cret.sock", "is a socket of this machine"),
        ("redis+socket:///run/s3cret.sock", "is a socket of this machine"),
        ("postgresql://u:s3cret@%2Fvar%2Frun/shop", "names no host"),
        ("strange://u:s3cret@h/x", "no port for h"),
        ("mongodb+srv://u:s3cret@h/x", "stand in DNS"),
        ("http://u:s3cret@h:99999/", "not host:port"),
        ("postgres://u:s3cret@/x?host=/run", "names no host"),
        ("postgres:///s3cret", "names no host"),
        ("http://", "names no host"),
    ],
)
def test_what_cannot_be_a_link_is_refused_without_its_secret(url: str, says: str) -> None:
    with pytest.raises(BadInput, match=says) as error:
        url_places("DATABASE_URL", url)
    assert "s3cret" not in str(error.value) and "DATABASE_URL" in str(error.value)


def test_a_scheme_says_its_port_by_any_of_its_words() -> None:
    assert [usual_port(one) for one in ("HTTPS", "jdbc:mysql", "db+mysql", "odd")] == [443, 3306, 3306, None]
