"""One normal form for a server's address, whatever its spelling."""

import socket
import threading

import pytest

from chaoslib_ext import server_name
from chaoslib_ext.server_name import fits, normal_form, pattern_problem, same_server

ONE = "http://127.0.0.1:8474"

SPELLINGS = [
    ONE,
    f"{ONE}/",
    f"{ONE}//",
    f"{ONE}/x/..",
    f"{ONE}/%2e/",
    f"  {ONE}\n",
    "127.0.0.1:8474",
    "HTTP://127.0.0.1:8474",
    "http://127.0.0.1:08474",
    "http://me:secret@127.0.0.1:8474",
    "http://localhost:8474",
    "LocalHost.:8474",
    "http://127.1:8474",
    "http://127.000.000.001:8474",
    "http://2130706433:8474",
    "http://0x7f.1:8474",
    "http://0177.0.0.1:8474",
    "http://0.0.0.0:8474",
    "http://[::ffff:127.0.0.1]:8474",
    "http://[::ffff:7f00:1]:8474",
    "http://[::1]:8474",
    "[0:0:0:0:0:0:0:1]:8474",
    "http://[::]:8474",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_of_a_server_has_one_normal_form(spelling: str) -> None:
    assert normal_form(spelling) == ONE
    assert same_server(spelling, ONE)


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("http://Toxi.Prod.", "http://toxi.prod:80"),
        ("https://toxi.prod/", "https://toxi.prod:443"),
        ("https://gate.example:443/toxi/", "https://gate.example:443/toxi"),
        ("http://[2001:DB8:0::1]:8474", "http://[2001:db8::1]:8474"),
        ("127.0.0.2:8474", "http://127.0.0.2:8474"),
        (" no address ", "no address"),
        ("ftp://x", "ftp://x"),
        ("http://x:99999", "http://x:99999"),
        ("", ""),
    ],
)
def test_the_normal_form_keeps_what_tells_servers_apart(written: str, form: str) -> None:
    assert normal_form(written) == form == normal_form(form)


def test_another_port_path_or_address_is_another_server() -> None:
    for other in ("127.0.0.1:8475", f"{ONE}/toxi", "127.0.0.2:8474", "http://127.0.0.1", "no address"):
        assert not same_server(ONE, other)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Names with their addresses, instead of this machine's resolver."""
    known: dict[str, list[str]] = {}

    def looked_up(host: str, port: object, **_: object) -> list[tuple[object, ...]]:
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in known[host]]

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    monkeypatch.setattr(server_name, "_resolved", {})
    return known


def test_names_are_compared_by_what_they_resolve_to(names: dict[str, list[str]]) -> None:
    names |= {"toxi.prod": ["10.0.0.5", "10.0.0.6"], "toxi-alias": ["10.0.0.6"], "me": ["127.0.0.1"]}
    assert same_server("http://toxi.prod:8474", "http://10.0.0.5:8474")
    assert same_server("http://toxi.prod:8474", "http://TOXI-alias:8474/")
    assert same_server("http://me:8474", ONE)
    assert not same_server("http://toxi.prod:8474", "http://10.0.0.5:8475")


def test_virtual_hosts_on_one_address_are_two_servers(names: dict[str, list[str]]) -> None:
    names |= {"toxi.staging": ["10.0.0.5"], "toxi.prod": ["10.0.0.5"]}
    assert not same_server("https://toxi.staging", "https://toxi.prod")
    assert not fits("http://toxi.staging", "http://toxi.prod:80")
    assert same_server("https://toxi.staging", "https://10.0.0.5")


def test_a_name_that_does_not_resolve_is_compared_as_a_name(names: dict[str, list[str]]) -> None:
    assert same_server("http://gone.example:8474", "http://GONE.example:8474/")
    assert not same_server("http://gone.example:8474", ONE)
    assert fits("http://gone.example:8474", "gone.example.:8474")
    assert fits("http://*.example:8474", "http://gone.example:8474")


def test_a_resolver_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers.wait(60) and [])
    monkeypatch.setattr(server_name, "_resolved", {})
    monkeypatch.setattr(server_name, "_PATIENCE", 0.05)
    try:
        assert not same_server("http://slow.example:8474", ONE)
    finally:
        answers.set()


def test_without_a_thread_a_name_is_compared_as_a_name(
    names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", none)
    assert not same_server("http://me:8474", ONE)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_pattern_means_a_server_in_every_spelling(spelling: str) -> None:
    for pattern in (
        spelling,
        "*",
        "http://*",
        "http://127.0.0.1:*",
        "http://localhost:*",
        "http://local*:8474",
        "*:8474",
    ):
        if "@" not in pattern:
            assert fits(pattern, spelling), (pattern, spelling)
    assert not fits("https://*", spelling)


@pytest.mark.parametrize(
    ("pattern", "server"),
    [
        ("http://*.prod:8474", "HTTP://Toxi.PROD.:8474/"),
        ("http://*.PROD:8474/", "http://toxi.prod:8474"),
        ("http://*.prod", "http://toxi.prod:80"),
        ("https://*", "https://toxi.prod"),
        ("http://db[12].prod:8474", "http://db2.prod:8474"),
        ("http://[::1]:*", "http://127.1:8474"),
        ("http://[2001:db8:0::1]:*", "http://[2001:db8::1]:8474"),
        ("http://toxi.prod:*", "http://10.0.0.5:8474"),
        ("http://10.0.*:8474", "http://toxi.prod:8474"),
        ("http://toxi.prod:8474", "http://10.0.0.5:8474/behind/a/path"),
    ],
)
def test_a_glob_meets_the_normal_form_and_the_resolved_address(
    pattern: str, server: str, names: dict[str, list[str]]
) -> None:
    names |= {"toxi.prod": ["10.0.0.5"]}
    assert fits(pattern, server)
    assert pattern_problem(pattern) is None


def test_a_glob_that_means_another_server_does_not_fit(names: dict[str, list[str]]) -> None:
    for pattern in ("http://*.prod:8474", "http://10.*", "http://127.0.0.1:9*", "https://*", "http://db[13]*"):
        assert not fits(pattern, "http://db2:8474")


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "x",
        "http//x",
        "http//*",
        "http:/*",
        "ftp://x",
        "ftp://*",
        "http://x:99999",
        "http://*:99999",
        "http://x:0",
        "http://x:8474/path",
        "http://*/path",
        "/etc/servers",
        "http://me:secret@x:8474",
        "http://*@x",
        " http://x:8474 y",
        "http://[",
        "http://a b*",
    ],
)
def test_a_pattern_that_can_mean_no_server_is_told(pattern: str) -> None:
    assert pattern_problem(pattern)
