"""A link in its place on a real server: file and proxy together, or neither."""

from pathlib import Path

import pytest

from chaoslib_ext.errors import BadFile, ProxyError, UnknownTarget
from chaoslib_ext.faults.targets import matches, resolved
from chaoslib_ext.links.file import Link, read
from chaoslib_ext.links.place import add, free_listen, remove
from chaoslib_ext.proxy.client import Client
from probes import proxies


@pytest.mark.joins("links", "proxy")
@pytest.mark.joins("links", "record")
def test_in_and_out_again(toxiproxy: str, tmp_path: Path) -> None:
    client, path = Client(toxiproxy), tmp_path / "links.yaml"
    link = Link("db", free_listen(()), "127.0.0.1:9", ("database",))
    add(client, path, link)
    assert client.proxy("db").listen == link.listen and read(path) == (link,)
    with pytest.raises(UnknownTarget, match="did you mean db"):
        remove(client, path, "dbb")
    assert remove(client, path, "db") and read(path) == () and "db" not in client.proxies()


def test_a_file_that_cannot_be_written_leaves_no_proxy(toxiproxy: str, tmp_path: Path) -> None:
    client = Client(toxiproxy)
    with pytest.raises(BadFile, match="cannot write"):
        add(client, tmp_path / "none" / "links.yaml", Link("db", free_listen(()), "127.0.0.1:9"))
    assert "db" not in client.proxies()


def test_a_proxy_that_is_refused_leaves_no_file(toxiproxy: str, tmp_path: Path) -> None:
    client = Client(toxiproxy)
    client.create("db", "127.0.0.1:9")
    with pytest.raises(ProxyError):
        add(client, tmp_path / "links.yaml", Link("db", free_listen(()), "127.0.0.1:9"))
    assert not (tmp_path / "links.yaml").exists()


@pytest.mark.joins("faults", "links")
@pytest.mark.joins("probes", "links")
def test_faults_and_probes_take_a_tag(toxiproxy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOXIPROXY_URL", toxiproxy)
    monkeypatch.setenv("CHAOS_LINKS", str(tmp_path / "links.yaml"))
    monkeypatch.setenv("CHAOS_STATE_DIR", str(tmp_path))
    client = Client(toxiproxy)
    add(client, tmp_path / "links.yaml", Link("db", free_listen(()), "127.0.0.1:9", ("database",), "postgres"))
    assert [one.name for one in resolved(client, ["tag:database", "service:postgres"])] == ["db"]
    assert matches("tag:database", "db") and not matches("tag:database", "web")
    assert proxies.proxies_are_enabled("tag:database") and proxies.toxic_count("service:postgres") == 0
