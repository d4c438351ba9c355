"""Clients that others wrote work against both servers alike: Go's CLI and library, Node's, Ruby's and Python's.

Each does one journey: create, list, add, update and remove a toxic, populate, reset, delete, and every refusal.
Ruby's gem is in no registry that the tests may use; its requests are replayed byte by byte instead, as
toxiproxy-ruby 3 and Ruby's Net::HTTP write them (recorded from Ruby 3.1).
"""

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

CLIENTS = Path(__file__).parent / "clients"
NODE_CLIENT = "toxiproxy-node-client@4.1.0"


def run(*command, env=None, cwd=None, timeout=120):
    ended = subprocess.run(
        [str(word) for word in command],
        capture_output=True, text=True, timeout=timeout, check=False, cwd=cwd, env={**os.environ, **(env or {})},
    )  # fmt: skip
    return ended


def lines(ended):
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout.splitlines()


def same_for_both(seen, expected):
    """The steps one by one, so that a failure names its step."""
    for got, wanted in zip(seen, expected, strict=False):
        assert got == wanted
    assert len(seen) == len(expected)


# Go: the command line


@pytest.fixture
def cli(toxiproxy_go, api):
    """cli(words...) -> (exit code, stdout, stderr) of the official command line, pointed at the server."""

    def call(*words):
        ended = run(toxiproxy_go / "toxiproxy-cli", *words, env={"TOXIPROXY_URL": api.url})
        return ended.returncode, ended.stdout.strip("\n"), ended.stderr.strip("\n")

    return call


def test_the_official_command_line(cli, api):
    def done(words, *command):
        assert cli(*command) == (0, words, "")

    def refused(words, *command):
        code, out, err = cli(*command)
        assert (code, out) == (1, "")
        assert words in err

    done("", "list")
    done("Created new proxy journey", "create", "-l", "127.0.0.1:0", "-u", "localhost:1", "journey")
    listen = api.get("/proxies/journey").json["listen"]
    refused("HTTP 409: proxy already exists", "create", "-l", "127.0.0.1:0", "-u", "localhost:1", "journey")
    done(f"journey\t{listen}\tlocalhost:1\tenabled\t0", "list")
    add = ["toxic", "add", "-t", "latency", "-n", "slow", "-a", "latency=100", "-a", "jitter=10"]
    done("Added upstream latency toxic 'slow' on proxy 'journey'", *add, "--toxicity", "0.5", "-u", "journey")
    refused("HTTP 409: toxic already exists", *add, "journey")
    refused("cannot unmarshal number 1.5", "toxic", "add", "-t", "latency", "-a", "latency=1.5", "journey")
    refused("HTTP 400: invalid toxic type", "toxic", "add", "-t", "nope", "journey")
    done("Updated toxic 'slow' on proxy 'journey'", "toxic", "update", "-n", "slow", "-a", "jitter=20", "journey")
    shown = "slow\ttype=latency\tstream=upstream\ttoxicity=1.00\tattributes=[\tjitter=20\tlatency=100\t]"
    done(shown, "inspect", "journey")
    done("Proxy journey is now disabled", "toggle", "journey")
    done(f"journey\t{listen}\tlocalhost:1\tdisabled\t1", "list")
    done("Proxy journey is now enabled", "toggle", "journey")
    done("Removed toxic 'slow' on proxy 'journey'", "toxic", "remove", "-n", "slow", "journey")
    refused("HTTP 404: toxic not found", "toxic", "remove", "-n", "slow", "journey")
    refused("HTTP 404: proxy not found", "inspect", "none")
    done("Deleted proxy journey", "delete", "journey")
    refused("HTTP 404: proxy not found", "delete", "journey")


@pytest.mark.parametrize(("kind", "attributes"), [
    ("bandwidth", ["rate=100"]), ("slow_close", ["delay=100"]), ("timeout", ["timeout=100"]),
    ("reset_peer", ["timeout=100"]), ("slicer", ["average_size=10", "size_variation=5", "delay=1"]),
    ("limit_data", ["bytes=100"]), ("noop", []),
])  # fmt: skip
def test_the_command_line_adds_every_toxic(cli, api, kind, attributes):
    api.post("/proxies", {"name": "p", "upstream": "x:1", "enabled": False})
    given = [word for attribute in attributes for word in ("-a", attribute)]
    code, _, err = cli("toxic", "add", "-t", kind, *given, "-d", "p")
    assert (code, err) == (0, "")
    shown = api.get(f"/proxies/p/toxics/{kind}_downstream").json["attributes"]
    assert shown == {key: int(value) for key, value in (attribute.split("=") for attribute in attributes)}


# Go: the library


@pytest.fixture(scope="session")
def go_journey(toxiproxy_go):
    """Our Go program on Toxiproxy's own client, built into the cache, once for each of its texts."""
    source = CLIENTS / "go"
    digest = hashlib.sha256(b"".join((source / name).read_bytes() for name in ("main.go", "go.mod", "go.sum")))
    binary = toxiproxy_go / f"journey-{digest.hexdigest()[:12]}"
    if not binary.exists():
        part = binary.with_suffix(f".{os.getpid()}")
        lines(run("go", "build", "-o", part, ".", cwd=source, env={"GOFLAGS": "-mod=mod"}, timeout=300))
        part.rename(binary)  # in one step: two workers may build it at once
    return binary


GO_STEPS = """\
create journey true true true
create again: Create: HTTP 409: proxy already exists
create nameless: Create: HTTP 400: missing required field: name
add without a stream: true <nil>
add slow latency upstream 0.5 100 10
add again: AddToxic: HTTP 409: toxic already exists
add unknown: AddToxic: HTTP 400: invalid toxic type
update 0.5 100 20
update toxicity 1 100
update unknown: HTTP 404: toxic not found
toxics [slow latency_downstream]
remove unknown: HTTP 404: toxic not found
disable false true
enable true true [latency_downstream]
save localhost:9 true
populate 2 one true two false
populate bad: Populate: HTTP 400: missing required field: upstream at proxy 1
reset journey true 0, one true 0, two true 0
gone: HTTP 404: proxy not found
delete again: Delete: HTTP 404: proxy not found"""


def test_the_official_go_client(go_journey, api):
    same_for_both(lines(run(go_journey, api.url, "localhost:1")), GO_STEPS.splitlines())


# Node


@pytest.fixture(scope="session")
def missing():
    """missing(reason): skips for want of a real part, by name; in CI, where nothing may be wanting, fails."""

    def refuse(reason):
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)

    return refuse


@pytest.fixture(scope="session")
def cached():
    """cached(name) -> a folder of that name outside the repository, kept from run to run."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "chaostoolkit-ext"

    def folder(name):
        (base / name).mkdir(parents=True, exist_ok=True)
        return base / name

    return folder


@pytest.fixture(scope="session")
def node_client(cached, missing):
    """The folder into which npm put the Node client; outside the repository, once per machine."""
    folder = cached(NODE_CLIENT.replace("@", "-"))
    if not (folder / "node_modules" / "toxiproxy-node-client" / "package.json").exists():
        try:
            ended = run(
                "npm", "install", "--loglevel", "error", "--no-audit", "--no-fund", "--prefix", folder, NODE_CLIENT
            )
        except FileNotFoundError:
            missing("Node's npm is not here; install Node 18 or newer")
        if ended.returncode != 0:
            missing(f"npm could not install {NODE_CLIENT}: {ended.stderr[-500:]}")
    return folder


NODE_STEPS = """\
create journey true true true
create again: Request failed with status code 409
create nameless: Request failed with status code 400
add {"attributes":{"latency":100,"jitter":10},"name":"slow","stream":"upstream","toxicity":0.5,"type":"latency"}
add again: Request failed with status code 409
add unknown: Request failed with status code 400
update {"latency":100,"jitter":20} 1
get latency
remove again: Request failed with status code 404
disable false true
enable true true
populate one true, two false
populate bad: Request failed with status code 400
reset took it: Request failed with status code 404
all journey true, one true, two true
version true
gone: Request failed with status code 404"""


def test_the_node_client(node_client, api):
    seen = lines(run("node", CLIENTS / "node" / "journey.mjs", node_client, api.url, "localhost:1"))
    same_for_both(seen, NODE_STEPS.splitlines())


# Python: the library whose APIConsumer our own client stands on


PYTHON_STEPS = r"""running True {} True
create journey True True True
create again: ProxyExists This proxy already exists.
add slow latency upstream 0.5 {'latency': 100, 'jitter': 0}
add again: ProxyExists b'{"error":"toxic already exists","status":409}\n'
add unknown: InvalidToxic b'{"error":"invalid toxic type","status":400}\n'
remove True {}
remove again: NotFound b'{"error":"toxic not found","status":404}\n'
down False
up True True
populate [('one', True), ('two', False)]
reset True {} ['journey', 'one', 'two']
destroy True None
destroy again: NotFound b'{"error":"proxy not found","status":404}\n'
all gone {}"""


def test_toxiproxy_python_s_own_classes(api):
    host, port = api.address
    seen = lines(run(sys.executable, CLIENTS / "python" / "journey.py", host, port, "localhost:1"))
    same_for_both(seen, PYTHON_STEPS.splitlines())


# Ruby: what the gem puts on the wire


def as_ruby_sends(api, method, path, body=None, kind="application/json"):
    """One request as Net::HTTP writes it for the gem: a connection each, its order of headers, its own agent."""
    data = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
    head = [f"{method} {path} HTTP/1.1", "Accept-Encoding: gzip;q=1.0,deflate;q=0.6,identity;q=0.3", "Accept: */*",
            "User-Agent: Ruby"]  # fmt: skip
    if method in ("POST", "PATCH") and kind:
        head.append(f"Content-Type: {kind}")
    head += ["Connection: close", f"Host: {api.address[0]}:{api.address[1]}"]
    if method in ("POST", "PATCH"):
        head.append(f"Content-Length: {len(data)}")
        if not kind:
            head.append("Content-Type: application/x-www-form-urlencoded")  # Net::HTTP's own, for a toxic
    return api.raw("\r\n".join([*head, "", ""]).encode() + data, method)


def test_what_the_ruby_gem_sends(api):
    def ask(status, *request, **options):
        reply = as_ruby_sends(api, *request, **options)
        assert reply.status == status, reply
        assert reply.header("Content-Encoding") is None
        return reply

    version = ask(200, "GET", "/version").json["version"]
    switch = "PATCH" if re.match(r"\d", version) else "POST"  # the gem asks the version which one to use
    created = {"upstream": "localhost:3306", "name": "mysql", "listen": "localhost:0", "enabled": None}
    shown = ask(201, "POST", "/proxies", created).json
    assert (shown["enabled"], shown["listen"].partition(":")[0]) == (True, "127.0.0.1")
    ask(409, "POST", "/proxies", created)
    assert ask(200, "GET", "/proxies").json == {"mysql": shown}
    toxic = {"name": "latency_downstream", "type": "latency", "stream": "downstream", "toxicity": 1.0,
             "attributes": {"latency": 123}}  # fmt: skip
    assert ask(200, "POST", "/proxies/mysql/toxics", toxic, kind=None).json["attributes"]["latency"] == 123
    ask(409, "POST", "/proxies/mysql/toxics", toxic, kind=None)
    ask(400, "POST", "/proxies/mysql/toxics", {**toxic, "stream": "lolstream"}, kind=None)
    assert [each["type"] for each in ask(200, "GET", "/proxies/mysql/toxics").json] == ["latency"]
    assert ask(200, switch, "/proxies/mysql", {"enabled": False}).json["enabled"] is False
    assert ask(200, switch, "/proxies/mysql", {"enabled": True}).json["listen"] == shown["listen"]
    ask(204, "DELETE", "/proxies/mysql/toxics/latency_downstream")
    populated = ask(
        201, "POST", "/populate", [{"name": "mysql", "upstream": "localhost:3307", "listen": "localhost:0"}]
    )
    assert [each["upstream"] for each in populated.json["proxies"]] == ["localhost:3307"]
    ask(204, "POST", "/reset", None)
    ask(204, "DELETE", "/proxies/mysql")
    ask(404, "DELETE", "/proxies/mysql")
