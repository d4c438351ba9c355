"""URLs of every kind: the host is found, the secret never told, and bash does what the line says."""

import subprocess

import pytest

from chaoslib_ext.errors import BadInput
from chaoslib_ext.links.url import line_for, places

TO = "127.0.0.1:26001"


@pytest.mark.parametrize(
    ("url", "upstreams", "after"),
    [
        ("postgres://u:p@db.example:5432/shop", ["db.example:5432"], f"postgres://u:p@{TO}/shop"),
        ("postgresql+psycopg://u:p@db/shop", ["db:5432"], f"postgresql+psycopg://u:p@{TO}/shop"),
        ("redis://:p%40@[::1]/0", ["[::1]:6379"], f"redis://:p%40@{TO}/0"),
        ("redis://[::1]:7000", ["[::1]:7000"], f"redis://{TO}"),
        ("https://api.example/v1?to=api.example", ["api.example:443"], f"https://{TO}/v1?to=api.example"),
        ("postgres://db:db@db/db", ["db:5432"], f"postgres://db:db@{TO}/db"),
        ("mysql://u:a@b$`x`'\"@db:1/s", ["db:1"], f"mysql://u:a@b$`x`'\"@{TO}/s"),
        ("redis://:a/b?c@db/0", ["db:6379"], f"redis://:a/b?c@{TO}/0"),
        ("postgres://u:p@a:1,b:2/x", ["a:1", "b:2"], f"postgres://u:p@{TO},127.0.0.1:26002/x"),
        ("http://x:80?mail=a@b.c", ["x:80"], f"http://{TO}?mail=a@b.c"),
    ],
)
def test_bash_makes_of_it_what_is_wanted(url: str, upstreams: list[str], after: str) -> None:
    found = places(url, source="DATABASE_URL")
    assert [one.upstream for one in found] == upstreams
    listens = [f"127.0.0.1:{26001 + number}" for number in range(len(found))]
    line = line_for("DATABASE_URL", url, list(zip(found, listens, strict=True)))
    ran = subprocess.run(
        ["bash", "-c", f'{line}; printf %s "$DATABASE_URL"'],
        env={"DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == after


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("s3cret", "holds no URL"),
        ("mysql://u:a@s3cret/c@db:1/s", "behind a /"),
        ("mysql://u:12/s3cret@db:1/s", "behind a /"),
        ("sqlite:///s3cret.db", "names no host"),
        ("strange://u:s3cret@h/x", "no port for h"),
        ("mongodb+srv://u:s3cret@h/x", "stand in DNS"),
        ("http://u:s3cret@h:99999/", "not host:port"),
        ("postgres://u:s3cret@/x?host=/run", "names no host"),
    ],
)
def test_what_cannot_be_a_link_is_refused_without_its_secret(url: str, says: str) -> None:
    with pytest.raises(BadInput, match=says) as error:
        places(url, source="DATABASE_URL")
    assert "s3cret" not in str(error.value)
