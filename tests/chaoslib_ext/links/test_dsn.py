"""Forms that are no URL: key=value strings, lists of hosts, Go's and Oracle's own."""

import pytest

from chaoslib_ext.errors import BadInput
from chaoslib_ext.links.dsn import dsn_places


@pytest.mark.parametrize(
    ("value", "upstreams"),
    [
        ("host=db.example port=5433 user=db password='p w=x' dbname=db", ["db.example:5433"]),
        ("dbname=shop user=u host=db", ["db:5432"]),
        ("host='db' port='5433'", ["db:5433"]),
        ("Host=db;Port=5433;Username=u;Password=p;Database=x", ["db:5433"]),
        ("Server=tcp:db.example,1433;Initial Catalog=x;Password=p;Encrypt=True", ["db.example:1433"]),
        ("Data Source=db,1433;User Id=sa", ["db:1433"]),
        ("Server=db;Port=3306;Uid=u;Pwd=p", ["db:3306"]),
        ("u:p@ss@tcp(db:3306)/shop?parseTime=true", ["db:3306"]),
        ("u@tcp(db)/shop", ["db:3306"]),
        ("jdbc:oracle:thin:@//db:1521/XE", ["db:1521"]),
        ("jdbc:oracle:thin:u/p@db:1521:XE", ["db:1521"]),
        ("k1:9092,k2:9092, k3:9092", ["k1:9092", "k2:9092", "k3:9092"]),
        ("cache:6379", ["cache:6379"]),
        ("[::1]:6379", ["[::1]:6379"]),
        ("cache:6379,password=a:1,ssl=True", ["cache:6379"]),
    ],
)
def test_the_hosts_are_found(value: str, upstreams: list[str]) -> None:
    found = dsn_places("DSN", value)
    assert found is not None and [one.upstream for one in found] == upstreams
    for place in found:
        assert all(value[spot.start :].startswith(spot.text) for spot in place.spots)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("host=/var/run/postgresql dbname=s3cret", "names no host"),
        ("dbname=s3cret user=u", "names no host"),
        ("u:s3cret@unix(/run/mysql.sock)/x", "goes over unix"),
        ("Server=db;Password=s3cret", "names no port"),
        ("host=a,b port=1,2 password=s3cret", "several hosts"),
        ("host=db hostaddr=10.0.0.7 password=s3cret user=u", "hostaddr"),
        ("Server=.;Password=s3cret", "names no host"),
    ],
)
def test_what_cannot_be_a_link_is_refused_without_its_secret(value: str, says: str) -> None:
    with pytest.raises(BadInput, match=says) as error:
        dsn_places("DSN", value)
    assert "s3cret" not in str(error.value)


@pytest.mark.parametrize("value", ["s3cret", "a b c", "", "12:30:59", "db:5432:x"])
def test_anything_else_is_none_of_these(value: str) -> None:
    assert dsn_places("DSN", value) is None
