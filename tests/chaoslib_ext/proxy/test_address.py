"""What a person may write for a server's address."""

import pytest

from chaoslib_ext.errors import BadInput
from chaoslib_ext.proxy.address import base_url, host_port


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("http://127.0.0.1:8474", "http://127.0.0.1:8474"),
        ("127.0.0.1:8474", "http://127.0.0.1:8474"),
        ("localhost:1", "http://localhost:1"),
        ("  http://proxy.internal:8474/ \n", "http://proxy.internal:8474"),
        ("https://Proxy.Example:443/toxi/", "https://proxy.example:443/toxi"),
        ("http://toxi_proxy", "http://toxi_proxy"),
        ("[::1]:8474", "http://[::1]:8474"),
        ("http://[::1]:8474/", "http://[::1]:8474"),
    ],
)
def test_the_usual_ways_to_write_an_address(written: str, meant: str) -> None:
    assert base_url(written) == meant


@pytest.mark.parametrize(
    "written",
    [
        "",
        "nonsense",
        "toxiproxy",
        "http://",
        "ftp://127.0.0.1:8474",
        "127.0.0.1:port",
        "127.0.0.1:0",
        "127.0.0.1:99999",
        "::1:8474",
        "http://[::1:8474",
        "http://a b:8474",
        "http://127.0.0.1:8474/?x=1",
        "http://127.0.0.1:8474\x00",
        "-host:8474",
    ],
)
def test_anything_else_is_refused_with_the_form_to_write(written: str) -> None:
    with pytest.raises(BadInput, match=r"^TOXIPROXY_URL is .*write http://host:port"):
        base_url(written, source="TOXIPROXY_URL")


def test_a_password_is_refused_and_not_repeated() -> None:
    with pytest.raises(BadInput) as refused:
        base_url("http://me:secret@127.0.0.1:8474")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("written", ["127.0.0.1:5432", "db.internal:1", "[::1]:80", "my_db:65535"])
def test_an_upstream_is_host_and_port(written: str) -> None:
    assert host_port(written, source="--upstream") == written


@pytest.mark.parametrize("written", ["", "db", "db:", ":80", "db:0", "db:http", "::1:80", "http://db:80", "db:65536"])
def test_an_upstream_that_could_never_be_dialled_is_refused(written: str) -> None:
    with pytest.raises(BadInput, match=r"--upstream is .*write host:port"):
        host_port(written, source="--upstream")
