"""Where the original fails and the embedded server does not: each row of DIFFERENCES is meant, and proven here.

Everything else in this folder runs on both servers and must be the same.
"""

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.parametrize("server", ["embedded"], indirect=True)

DIFFERENCES = {
    "an attribute that kills the original is a 400": "bandwidth rate < 0 panics; slicer recurses for ever (178, 541)",
    "a failed update of a toxic changes nothing": "the original decodes in place and may keep half of it",
    "a receiver that does not read blocks no API call": "the original hangs, 503 after 25 s (88, 159, 412, 558, ...)",
    "half-close passes on": "the original closes the whole connection at the first end",
    "a hanging dial blocks nobody": "the original dials in its accept loop; even DELETE waits for it",
    "a timeout fires under traffic": "the original starts its timer again at each chunk (195)",
    "a seed makes chance repeatable": "the original takes -seed and drops it; a toxic of ours may have its own",
    "metrics are live": "the original counts when a connection ends; ours also has a gauge of connections",
    "toxicity 0 does nothing": "the original sets linger for reset_peer, and closes on removing a timeout (603)",
    "reset_peer resets open connections too": "the original sets linger only where a connection begins: FIN",
    "a name with a slash can be addressed": "%2F leads nowhere on the original; such a proxy stays for ever",
    "a reset that was taken back does not come": "the original sleeps on, uninterruptible, and the API call with it",
    "a toxic does not mind its neighbours": "the original restarts the one before: what it holds goes early",
    "toxics come with the proxy": "the original ignores them in create, populate and config (79, 211, 447)",
    "a start that cannot be is an end": "the original logs a taken port or bad config and runs on, useless",
    "a page in a browser is refused": "the original looks at User-Agent alone; a page elsewhere can steer it",
    "the version is a semver": "clients choose PATCH or POST by it; go install builds one that says `git`",
}


# an attribute that kills the original is a 400


@pytest.mark.parametrize(("kind", "attributes"), [
    ("bandwidth", {"rate": -1}),
    ("bandwidth", {"rate": -9223372036854775808}),
    ("slicer", {"average_size": 0}),
    ("slicer", {"average_size": -5}),
    ("slicer", {"average_size": 10, "size_variation": 11}),
    ("slicer", {"average_size": 10, "size_variation": -1}),
])  # fmt: skip
def test_a_deadly_attribute_is_refused_and_the_server_lives(api, link, wire, kind, attributes):
    proxy = link()
    reply = api.post(f"{proxy.path}/toxics", {"type": kind, "name": "t", "attributes": attributes})
    assert reply.status == 400
    assert reply.json["status"] == 400
    assert any(name in reply.json["error"] for name in attributes), reply.json
    assert reply.header("Content-Type") == "text/plain; charset=utf-8"
    assert api.get(f"{proxy.path}/toxics").text == "[]"
    client, peer = proxy.open()
    peer.sendall(b"alive")
    assert wire.read(client, 5) == b"alive"


def test_a_slicer_with_its_defaults_slices_nothing(link, wire):
    proxy = link()
    proxy.toxic("slicer")
    client, peer = proxy.open()
    peer.sendall(b"x" * 10_000)
    assert wire.read(client, 10_000) == b"x" * 10_000


# a failed update of a toxic changes nothing


@pytest.mark.parametrize("change", [
    {"attributes": {"average_size": 7, "size_variation": "x"}},
    {"attributes": {"size_variation": 3, "average_size": -1}},
    {"attributes": {"average_size": 2}},  # less than the variation that stands
    {"attributes": {"average_size": 30}, "toxicity": "x"},
    {"attributes": {"average_size": 30}, "toxicity": 1e99},
])  # fmt: skip
def test_a_failed_update_changes_nothing(api, link, change):
    proxy = link()
    before = proxy.toxic("slicer", "t", average_size=10, size_variation=5, delay=1)
    assert api.patch(f"{proxy.path}/toxics/t", change).status == 400
    assert api.get(f"{proxy.path}/toxics/t").json == before


# a seed makes chance repeatable


def draws(proxy, wire, count=40):
    """Which of so many connections, one after another, a toxic of chance bit."""
    bitten = []
    for _ in range(count):
        client, peer = proxy.open()
        peer.sendall(b"xx")
        peer.close()
        bitten.append(wire.rest(client)[0] == b"")
        client.close()
    return bitten


def test_the_seed_of_the_server_repeats_its_draws(own_server, link, wire):
    seen = []
    for seed in ("7", "7", "8"):
        proxy = link(on=own_server("--seed", seed).api)
        proxy.toxic("timeout", toxicity=0.5, timeout=0)
        seen.append(draws(proxy, wire))
    assert seen[0] == seen[1] != seen[2]
    assert 3 < sum(seen[0]) < 37


def test_the_seed_of_a_toxic_repeats_its_draws_and_is_shown(api, link, wire):
    proxy = link()
    seen = []
    for seed in (7, 7, 8):
        shown = proxy.toxic("timeout", "t", toxicity=0.5, timeout=0, seed=seed)
        assert shown["seed"] == seed
        assert api.get(f"{proxy.path}/toxics/t").json["seed"] == seed
        seen.append(draws(proxy, wire))
        proxy.remove("t")
    assert seen[0] == seen[1] != seen[2]


def test_no_seed_no_word_of_it(link):
    assert "seed" not in link().toxic("latency")


# metrics are live


def metric(api, name, **labels):
    for line in api.get("/metrics").text.splitlines():
        if line.startswith(name + "{") and all(f'{key}="{value}"' in line for key, value in labels.items()):
            return float(line.rpartition(" ")[2])
    return None


def test_bytes_are_counted_while_the_connection_is_open(api, link, wire):
    proxy = link(name="live")
    client, peer = proxy.open()
    client.sendall(b"x" * 1000)
    assert len(wire.read(peer, 1000)) == 1000
    for name in ("toxiproxy_proxy_received_bytes_total", "toxiproxy_proxy_sent_bytes_total"):
        assert wire.until(lambda name=name: metric(api, name, proxy="live", direction="upstream") == 1000)


def test_connections_are_a_gauge(api, link, wire):
    proxy = link(name="gauged")
    pairs = [proxy.open() for _ in range(3)]
    assert wire.until(lambda: metric(api, "toxiproxy_proxy_connections", proxy="gauged") == 3)
    for sock in pairs.pop():
        sock.close()
    assert wire.until(lambda: metric(api, "toxiproxy_proxy_connections", proxy="gauged") == 2)


# a name with a slash can be addressed


def test_a_name_with_a_slash_can_be_addressed(api):
    assert api.post("/proxies", {"name": "a/b", "upstream": "x:1", "enabled": False}).status == 201
    assert api.post("/proxies/a%2Fb/toxics", {"type": "noop", "name": "c/d"}).status == 200
    assert api.get("/proxies/a%2Fb/toxics/c%2Fd").json["name"] == "c/d"
    assert api.delete("/proxies/a%2fb").status == 204


# toxics come with the proxy

SLOW = {"type": "latency", "name": "slow", "attributes": {"latency": 120}}


def bites(wire, proxy_port, target):
    with socket.create_connection(("127.0.0.1", proxy_port), 5) as client:
        peer = target.accept()
        start = wire.now()
        peer.sendall(b"x")
        assert wire.read(client, 1) == b"x"
        return wire.now() - start >= 0.120


@pytest.mark.parametrize("how", ["create", "populate", "replace", "config"])
def test_toxics_come_with_the_proxy(api, upstream, own_server, wire, tmp_path, how):
    target = upstream()
    body = {"name": "p", "listen": "127.0.0.1:0", "upstream": target.address,
            "toxics": [SLOW, {"type": "noop", "stream": "upstream"}]}  # fmt: skip
    if how == "create":
        reply = api.post("/proxies", body)
        assert reply.status == 201
        shown = reply.json
    elif how == "config":
        path = tmp_path / "config.json"
        path.write_text(json.dumps([body]))
        shown = own_server("--config", str(path)).api.get("/proxies/p").json
    else:
        if how == "replace":
            api.post("/proxies", {"name": "p", "listen": "127.0.0.1:0", "upstream": "old:1"})
        shown = api.post("/populate", [body]).json["proxies"][0]
    assert [toxic["name"] for toxic in shown["toxics"]] == ["noop_upstream", "slow"]
    assert bites(wire, int(shown["listen"].rpartition(":")[2]), target)


@pytest.mark.parametrize(("toxics", "words"), [
    ([SLOW, {"type": "nope"}], "invalid toxic type"),
    ([SLOW, {"type": "latency", "stream": "x"}], "stream was invalid"),
    ([SLOW, SLOW], "toxic already exists"),
    ([SLOW, {"type": "latency", "attributes": {"latency": "x"}}], "cannot unmarshal string"),
    ([SLOW, {"type": "bandwidth", "attributes": {"rate": -1}}], "rate"),
    ("x", "bad request body"),
])  # fmt: skip
@pytest.mark.parametrize("path", ["/proxies", "/populate"])
def test_a_bad_toxic_makes_no_proxy(api, path, toxics, words):
    api.post("/proxies", {"name": "p", "listen": "127.0.0.1:0", "upstream": "old:1"})
    before = api.get("/proxies").text
    good = {"name": "first", "listen": "127.0.0.1:0", "upstream": "x:1"}
    bad = {"name": "q", "listen": "127.0.0.1:0", "upstream": "x:1", "toxics": toxics}
    replacing = {**bad, "name": "p"}
    for body in ([good, bad], [good, replacing]) if path == "/populate" else (bad,):
        reply = api.post(path, body)
        assert 400 <= reply.status < 500
        assert words in reply.json["error"]
        assert api.get("/proxies").text == before


@pytest.mark.parametrize("toxics", [None, []])
def test_no_toxics_is_no_toxics(api, toxics):
    body = {"name": "p", "upstream": "x:1", "enabled": False, "toxics": toxics}
    assert api.post("/proxies", body).json["toxics"] == []


# a start that cannot be is an end


def start(*flags):
    return subprocess.run(
        [sys.executable, "-m", "chaoslib_ext.proxy.serve", *flags],
        capture_output=True, text=True, timeout=30, check=False, env=dict(os.environ),
    )  # fmt: skip


def says(ended, *words):
    assert ended.returncode not in (0, None)
    assert "Traceback" not in ended.stderr
    assert all(word in ended.stderr for word in words), ended.stderr


def test_a_taken_port_ends_the_start_with_a_word(api, upstream):
    port = str(upstream().port)
    says(start("--port", port), port)


@pytest.mark.parametrize(
    "content", ["", "[", "{}", '[{"name":"a"}]', '[{"name":"a","upstream":"x:1","toxics":[{"type":"nope"}]}]']
)
def test_a_bad_config_ends_the_start_with_a_word(api, tmp_path, content):
    path = tmp_path / "bad.json"
    path.write_text(content)
    says(start("--port", "0", "--config", str(path)), str(path))


def test_a_missing_config_ends_the_start_with_a_word(api, tmp_path):
    says(start("--port", "0", "--config", str(tmp_path / "none.json")), "none.json")


# a page in a browser is refused

ASKED = [("GET", "/proxies"), ("GET", "/version"), ("GET", "/metrics"), ("HEAD", "/proxies"), ("OPTIONS", "/proxies")]
ASKED += [("POST", "/proxies"), ("POST", "/populate"), ("POST", "/reset"), ("PATCH", "/proxies/victim")]
ASKED += [("DELETE", "/proxies/victim"), ("POST", "/proxies/victim/toxics"), ("GET", "/nope"), ("GET", "//proxies")]
FOREIGN_ORIGINS = ["http://evil.example", "null", "", "http://127.0.0.1", "https://{own}", "http://{own}.evil.example"]
FOREIGN_ORIGINS += ["http://localhost:1", "file://", "{own}", "http://[", "chrome-extension://abc"]


def sent(api, method, path, *headers, host=None):
    """One request with these headers as they are, `Host` among them unless it is left out."""
    body = b'{"name":"more","upstream":"x:1","enabled":false}' if method in ("POST", "PATCH") else b""
    lines = [f"{method} {path} HTTP/1.1", *([] if host is False else [f"Host: {host or own(api)}"]), *headers]
    lines += ["Content-Type: text/plain", f"Content-Length: {len(body)}", "Connection: close", "", ""]
    return api.raw("\r\n".join(lines).encode() + body, method)


def own(api):
    return f"{api.address[0]}:{api.address[1]}"


def is_refused(reply, word):
    return reply.status == 403 and (not reply.body or (word in reply.json["error"] and reply.json["status"] == 403))


@pytest.fixture
def victim(api):
    """A proxy that no page may touch."""
    api.post("/proxies", {"name": "victim", "listen": "127.0.0.1:0", "upstream": "x:1"})
    before = api.get("/proxies").json
    yield
    assert api.get("/proxies").json == before


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
def test_a_foreign_origin_is_refused_whatever_it_asks_and_changes_nothing(api, victim, origin):
    header = f"Origin: {origin.format(own=own(api))}"
    assert all(is_refused(sent(api, *asked, header), "Origin") for asked in ASKED)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "Cross-Site", "anything", "same-origin, cross-site"])
def test_a_foreign_site_is_refused_whatever_it_asks_and_changes_nothing(api, victim, site):
    assert all(is_refused(sent(api, *asked, f"Sec-Fetch-Site: {site}"), "Sec-Fetch-Site") for asked in ASKED)


@pytest.mark.parametrize("more", ["Origin: http://evil.example", "Sec-Fetch-Site: cross-site"])
def test_it_is_refused_beside_one_that_is_not_foreign(api, victim, more):
    for first in (f"Origin: http://{own(api)}", "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: none"):
        assert sent(api, "POST", "/reset", first, more).status in (400, 403)


def test_its_own_origin_and_no_page_at_all_pass(api):
    for header in (f"Origin: http://{own(api)}", "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: none"):
        assert sent(api, "GET", "/proxies", header).status == 200
    assert sent(api, "GET", "/proxies", "Origin: http://localhost", host="LocalHost:80").status == 200


FOREIGN_HOSTS = ["evil.example", "evil.example:8474", "localhost.evil.example", "127.0.0.1.evil.example", "x", "::evil"]
FOREIGN_HOSTS += ["me@127.0.0.1", "[::1]evil", "1.2.3.4.5", "localhost:8474:1", "evil.example."]


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_on_loopback_a_foreign_name_is_refused_whatever_it_asks_and_changes_nothing(api, victim, host):
    for asked in ASKED:
        assert is_refused(sent(api, *asked, host=host), "Host") or sent(api, *asked, host=host).status == 400
    if "@" not in host:  # in a URL that is a user
        assert sent(api, "GET", f"http://{host}/proxies").status in (400, 403), "a whole URL names it too"
    assert sent(api, "GET", "/proxies", f"Host: {host}").status in (400, 403), "beside its own"


def test_on_loopback_its_own_name_and_one_that_is_allowed_pass(own_server):
    api = own_server("--allow-host", "chaos.example.com", "--allow-host", "other.").api
    for host in ("chaos.example.com", "CHAOS.example.com.:443", "other", socket.gethostname()):
        assert sent(api, "GET", "/proxies", host=host).status == 200
    for host in ("example.com", "x.chaos.example.com", "evil.example"):
        assert "--allow-host" in sent(api, "GET", "/proxies", host=host).json["error"]
    assert sent(api, "GET", "/proxies", "Origin: https://chaos.example.com", host="chaos.example.com").status == 403


def test_bound_to_localhost_is_loopback(own_server):
    api = own_server("--host", "localhost").api
    assert sent(api, "GET", "/proxies", host="evil.example").status == 403
    assert sent(api, "GET", "/proxies", host="localhost").status == 200


def test_bound_wider_any_name_passes_but_no_page(own_server):
    api = own_server("--host", "0.0.0.0").api
    assert sent(api, "GET", "/proxies", host="toxiproxy.chaos.svc:8474").status == 200
    assert sent(api, "GET", "/proxies", "Origin: http://evil.example", host="toxiproxy.chaos.svc:8474").status == 403
    assert sent(api, "GET", "/proxies", "Sec-Fetch-Site: cross-site", host="toxiproxy.chaos.svc:8474").status == 403


def test_http_1_0_without_a_host_is_no_browser(api):
    assert api.raw(b"GET /proxies HTTP/1.0\r\n\r\n").status == 200
    assert api.raw(b"GET /proxies HTTP/1.0\r\nOrigin: null\r\n\r\n").status == 403


@pytest.mark.parametrize(
    "name", ["", " ", "http://x", "a b", "*.example.com", "name:80", "-x", "a..b", "b\u00fccher", "::1"]
)
def test_what_is_no_name_is_not_allowed(api, name):
    ended = start("--port", "0", f"--allow-host={name}")
    assert ended.returncode == 2
    says(ended, "--allow-host", "write the name alone")


# the version is a semver, and no row of DIFFERENCES is without its proof


def test_the_version_lets_clients_use_patch(api):
    version = api.get("/version").json["version"]
    assert tuple(map(int, version.split("."))) >= (2, 6, 0)


def test_each_difference_has_its_section(api):
    here = Path(__file__)
    source = here.read_text() + here.with_name("test_better_wire.py").read_text()
    assert [row for row in DIFFERENCES if not re.search(rf"^# {re.escape(row)}", source, re.MULTILINE)] == []
