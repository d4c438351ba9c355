"""Proxies of a file that others in the network can reach are named."""

import pytest

from chaoslib_ext.cli._wide import warn_of_wide


@pytest.mark.parametrize(
    "listen", ["127.0.0.1:80", "127.1.2.3:0", "[::1]:80", "localhost:80", "[::ffff:127.0.0.1]:1", "no-such.invalid:1"]
)
def test_loopback_is_silent(listen: str, capsys: pytest.CaptureFixture[str]) -> None:
    warn_of_wide([("web", listen)])
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    "listen", ["0.0.0.0:80", "[::]:80", ":80", "192.0.2.7:80", "[::ffff:0.0.0.0]:1", "[fe80::1%lo]:1"]
)
def test_wider_is_named_in_one_line(listen: str, capsys: pytest.CaptureFixture[str]) -> None:
    warn_of_wide([("api", "127.0.0.1:1"), ("web", listen), ("db", listen)])
    said = capsys.readouterr().err
    assert f"can reach web ({listen}), db ({listen})," in said and "api" not in said and said.count("\n") == 1
