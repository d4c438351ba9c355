"""`chaos plan` as a process: it leaves no trace anywhere, and its exit code tells."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from subprocess import CompletedProcess
from urllib.request import Request, urlopen

import pytest

from chaoslib_ext.proxy.client import Client
from chaoslib_ext.testing.upstream import Upstream, http

pytestmark = pytest.mark.joins("cli", "plan", "proxy")

EXPERIMENT = """
title: Does it hold?
description: A test.
configuration: {much: 40}
steady-state-hypothesis:
  title: It answers
  probes:
    - {type: probe, name: answers, tolerance: 200,
       provider: {type: python, module: probes.http, func: status, arguments: {url: "http://URL/"}}}
method:
  - {type: action, name: slow, provider: {type: python, module: actions.toxics, func: add_latency,
     arguments: {proxy: web-http, latency_ms: "${much}", duration: 30s}}}
  - {type: action, name: cut, provider: {type: python, module: actions.proxies, func: down, arguments: {proxy: "*"}}}
"""


@pytest.fixture
def server(embedded: str) -> Iterator[Client]:
    with ExitStack() as stack:
        client = Client(embedded)
        client.create("web-http", stack.enter_context(Upstream(http)).address)
        yield client


@pytest.fixture
def overheard(server: Client) -> Iterator[tuple[str, list[str]]]:
    """A URL that leads to the server, and every request that went there."""
    said: list[str] = []

    class Between(BaseHTTPRequestHandler):
        def do_any(self) -> None:
            said.append(f"{self.command} {self.path}")
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) or None
            with urlopen(Request(server.url + self.path, body, method=self.command), timeout=10) as answer:
                content = answer.read()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = do_PATCH = do_any

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Between) as between:
        threading.Thread(target=between.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{between.server_address[1]}", said
        between.shutdown()


def everything_below(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Each file and folder with its mode, its time of change and its content."""
    return {
        str(one.relative_to(folder)): (
            one.stat().st_mode,
            one.stat().st_mtime_ns,
            one.read_bytes() if one.is_file() else b"",
        )
        for one in sorted(folder.rglob("*"))
    }


@pytest.mark.parametrize("options", [[], ["--probes"], ["--json"], ["--offline"]])
def test_it_writes_nothing_and_asks_the_server_by_get_only(
    chaos: Callable[..., CompletedProcess[str]],
    overheard: tuple[str, list[str]],
    server: Client,
    tmp_path: Path,
    options: list[str],
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "chaos-policy.yaml").write_text(
        "schema_version: 1\nat_once: {faults: 9}\nrules: [{name: all, allow: any, links: '*'}]\n"
    )
    (tmp_path / "x.yaml").write_text(EXPERIMENT.replace("URL", server.proxy("web-http").listen))
    before, proxies = everything_below(tmp_path), server.proxies()
    ran = chaos(
        "--no-version-check", "--no-log-file", "plan", "x.yaml", *options,
        HOME=str(tmp_path / "home"), TOXIPROXY_URL=overheard[0],
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert everything_below(tmp_path) == before, "not even an empty state folder"
    assert server.proxies() == proxies
    methods = {one.split()[0] for one in overheard[1]}
    assert methods == (set() if "--offline" in options else {"GET"})


def test_the_exit_code_tells_and_each_answer_is_there_as_json_too(
    chaos: Callable[..., CompletedProcess[str]], server: Client, tmp_path: Path
) -> None:
    (tmp_path / "x.yaml").write_text(EXPERIMENT.replace("URL", server.proxy("web-http").listen))
    good = chaos("plan", "x.yaml", TOXIPROXY_URL=server.url)
    assert good.returncode == 0 and good.stdout.endswith("Would run. Nothing was changed.\n")
    assert (
        "Would inject   latency 40 ms, downstream, on web-http (1 of 1 proxies; 100 % of its connections), at most 30 s"
        in good.stdout
    )
    assert "Steady state   answers: within its tolerance (200)" in good.stdout
    stronger = chaos("plan", "x.yaml", "--var", "much:int=-4", "--json", TOXIPROXY_URL=server.url)
    assert stronger.returncode == 1
    told = json.loads(stronger.stdout)
    assert told["would_run"] is False and "greater than or equal to 0" in told["problems"][0]
    nowhere = chaos("plan", "x.yaml", TOXIPROXY_URL="http://127.0.0.1:1")
    assert nowhere.returncode == 1 and "Would inject   latency 40 ms" in nowhere.stdout
    assert "nothing listens on http://127.0.0.1:1" in nowhere.stdout and not nowhere.stderr.count("Traceback")


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("x.yaml", "title: [", "is not YAML"),
        ("x.json", "{", "is not JSON"),
        ("x.yaml", "- 1", "it holds a list, not a mapping"),
        ("x.yaml", "title: x\ndescription: y\nmethod: 3\n", "method must be a list, not a number"),
        ("x.txt", "title: x", "the host reads .yaml, .yml and .json files only"),
    ],
)
def test_a_broken_file_is_a_sentence_and_exit_code_2(
    chaos: Callable[..., CompletedProcess[str]], tmp_path: Path, name: str, text: str, says: str
) -> None:
    (tmp_path / name).write_text(text)
    ran = chaos("plan", name)
    assert ran.returncode == 2 and says in ran.stderr and "Traceback" not in ran.stderr and not ran.stdout


def test_the_schema_of_a_policy_is_printed(chaos: Callable[..., CompletedProcess[str]]) -> None:
    ran = chaos("plan", "--policy-schema")
    assert ran.returncode == 0 and "rules" in json.loads(ran.stdout)["required"]


def test_options_that_exclude_each_other(chaos: Callable[..., CompletedProcess[str]], tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(EXPERIMENT)
    assert chaos("plan", "x.yaml", "--probes", "--offline").returncode == 2
    assert chaos("plan", "nosuch.yaml").returncode == 2


GUEST = """
title: Does it hold?
description: A test.
method:
  - {type: action, name: away, provider: {type: python, module: chaoslib.caching, func: nobody}}
"""


def test_what_the_host_itself_would_refuse_speaks_against_a_run(
    chaos: Callable[..., CompletedProcess[str]], tmp_path: Path
) -> None:
    (tmp_path / "x.yaml").write_text(GUEST)
    ran = chaos("plan", "x.yaml", "--offline")
    assert ran.returncode == 1 and "Would not run, for 1 reason" in ran.stdout
    assert "Against it     line 5, $.method[0].provider.func: chaoslib.caching has no function nobody" in ran.stdout
    (tmp_path / "x.yaml").write_text(GUEST.replace("chaoslib.caching", "not_here.actions"))
    assert chaos("plan", "x.yaml", "--offline").returncode == 0, "at a desk; where it runs it may be there"
    ran = chaos("plan", "x.yaml")
    assert ran.returncode == 1 and "the package not_here is not installed here" in ran.stdout


@pytest.mark.parametrize("pair", ["much", "much:int=soon", "much:tea=1"])
def test_a_variable_that_is_none_is_named_with_how_to_write_one(
    chaos: Callable[..., CompletedProcess[str]], tmp_path: Path, pair: str
) -> None:
    (tmp_path / "x.yaml").write_text("title: x\ndescription: y\nmethod: []\n")
    done = chaos("plan", "x.yaml", "--offline", "--var", "fine=1", "--var", pair)
    assert done.returncode == 2 and "'much" in done.stderr and "write NAME=VALUE" in done.stderr
    assert "unpack" not in done.stderr and "invalid literal" not in done.stderr
