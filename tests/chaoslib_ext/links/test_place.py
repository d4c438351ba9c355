"""Links in their place on a real server: file and proxies together, or neither."""

import socket
from pathlib import Path

import pytest

from chaoslib_ext.errors import BadFile, BadInput, ProxyError, UnknownTarget
from chaoslib_ext.faults.targets import matches, resolved
from chaoslib_ext.links.file import Link, read
from chaoslib_ext.links.place import add, changing, free_listen, remove, settled
from chaoslib_ext.proxy.client import Client
from probes import proxies

pytestmark = pytest.mark.usefixtures("link_ports")

DB = Link("db", "127.0.0.1:26900", "127.0.0.1:9", ("database",))


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


def test_a_proxy_that_is_refused_leaves_neither_file_nor_the_proxies_before_it(toxiproxy: str, tmp_path: Path) -> None:
    client = Client(toxiproxy)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        first = Link("first", free_listen(()), "127.0.0.1:9")
        second = Link("second", f"127.0.0.1:{taken.getsockname()[1]}", "127.0.0.1:9")
        with pytest.raises(ProxyError, match="in use"):
            add(client, tmp_path / "links.yaml", first, second)
    assert not (tmp_path / "links.yaml").exists()
    assert client.proxies() == {}


def test_the_server_has_that_name_already(toxiproxy: str, tmp_path: Path) -> None:
    client = Client(toxiproxy)
    client.create("db", "127.0.0.1:9")
    with pytest.raises(ProxyError, match="db"):
        add(client, tmp_path / "links.yaml", Link("db", free_listen(()), "127.0.0.1:9"))
    assert "db" in client.proxies() and not (tmp_path / "links.yaml").exists()


def test_each_gets_a_port_of_its_own() -> None:
    first, second = settled([Link("a", "", "h:1"), Link("b", "", "h:2")], ())
    assert first.listen != second.listen and first.listen.startswith("127.0.0.1:26")
    assert settled([Link("db", "", "127.0.0.1:9")], (DB,)) == [DB]


@pytest.mark.parametrize(
    ("link", "says"),
    [
        (Link("db", "", "other:1"), "there is a link db already"),
        (Link("x", "", DB.listen), "is the link db already; the real service is"),
        (Link("x", "localhost:7", "127.0.0.1:7"), "lead to itself"),
        (Link("x", "", "nowhere"), "not an address"),
        (Link("x", "nowhere", "h:1"), "not an address"),
    ],
)
def test_what_cannot_be_is_refused(link: Link, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        settled([link], (DB,))


def test_a_change_that_is_under_way_is_waited_for_and_a_folder_without_leave_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with changing():
        assert list(tmp_path.rglob("links.lock"))
    monkeypatch.setattr("filelock.FileLock.acquire", lambda *_, **__: (_ for _ in ()).throw(OSError(28, "No space")))
    with pytest.raises(BadFile, match="No space; nothing was changed"), changing():
        pass


def test_an_address_that_is_not_of_this_machine_is_refused() -> None:
    with pytest.raises(BadInput, match=r"cannot listen on 192\.0\.2\.1 of this machine"):
        free_listen((), "192.0.2.1")


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
