import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from chaoslib_ext.errors import BadInput, NoAnswer
from probes import http

pytestmark = pytest.mark.joins("probes", "blackbox")


class Service(ThreadingHTTPServer):
    """Answers as its path says, counts, and holds back what it is told to hold back."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.seen: list[tuple[str, str, bytes]] = []
        self.headers: dict[str, str] = {}
        self.body = b"ok"
        self.let_go = threading.Event()
        self.open, self.most_open, self.lock = 0, 0, threading.Lock()

    def handle_error(self, *_: object) -> None:
        """Whoever asked went away: that is part of these tests."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answering(BaseHTTPRequestHandler):
    server: Service
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        service = self.server
        with service.lock:
            service.open += 1
            service.most_open = max(service.most_open, service.open)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            service.seen.append((self.command, self.path, body))
            service.headers = dict(self.headers)
            number = len(service.seen)
        if self.path == "/hangs" or (self.path == "/every-4th-hangs" and number % 4 == 0):
            service.let_go.wait(20)
        status = 500 if self.path == "/every-4th-fails" and number % 4 == 0 else int(self.headers.get("Want", 200))
        with service.lock:
            service.open -= 1
        body = service.body
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if status == 302:
            self.send_header("Location", "/elsewhere")
        if self.path == "/drips":
            self.send_header("X", "y")
        self.end_headers()
        if self.path == "/drips":
            self.wfile.write(body[:1])
            service.let_go.wait(20)
            body = body[1:]
        self.wfile.write(body)

    do_GET = do_POST = answer

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def service() -> Iterator[Service]:
    server = Service()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.let_go.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_status_is_a_number_and_a_redirect_is_an_answer(service: Service) -> None:
    assert http.status(service.url) == 200
    assert http.status(service.url, headers={"Want": "302"}) == 302
    assert [path for _, path, _ in service.seen] == ["/", "/"]


def test_what_is_sent_arrives(service: Service) -> None:
    http.status(f"{service.url}/orders", "POST", {"sku": "cup"}, headers={"X-Shop": "tea"})
    http.status(f"{service.url}/orders", "POST", body="raw")
    assert service.seen == [("POST", "/orders", b'{"sku": "cup"}'), ("POST", "/orders", b"raw")]


def test_nobody_there_is_an_error_for_status_and_a_bad_answer_for_a_share(closed_port: int) -> None:
    url = f"http://127.0.0.1:{closed_port}/"
    with pytest.raises(NoAnswer, match="is the service up"):
        http.status(url)
    assert http.bad_fraction(url, 5) == 1.0


def test_a_share_counts_failures_and_what_hangs(service: Service) -> None:
    assert http.bad_fraction(f"{service.url}/", 8) == 0
    assert http.bad_fraction(f"{service.url}/every-4th-fails", 8) == 0.25
    assert http.bad_fraction(f"{service.url}/every-4th-hangs", 8, timeout="300ms") == 0.25


def test_which_statuses_are_good_is_the_authors_choice(service: Service) -> None:
    refused = {"headers": {"Want": "404"}}
    assert http.bad_fraction(service.url, 2, **refused) == 1.0
    assert http.bad_fraction(service.url, 2, ok_status=[404], **refused) == 0.0


def test_too_slow_is_bad(service: Service) -> None:
    assert http.bad_fraction(service.url, 3, slower_than_ms=0.001) == 1.0
    assert http.bad_fraction(service.url, 3, slower_than_ms=5000) == 0.0


def test_no_more_than_asked_for_are_under_way_at_a_time(service: Service) -> None:
    threading.Timer(0.3, service.let_go.set).start()
    assert http.bad_fraction(f"{service.url}/hangs", 9, concurrency=3) == 0
    assert service.most_open == 3


def test_the_whole_probe_has_a_limit_and_what_is_missing_is_bad(service: Service) -> None:
    assert http.bad_fraction(f"{service.url}/hangs", 50, concurrency=2, timeout="30s", within="400ms") == 1.0
    assert len(service.seen) == 2


def test_a_body_that_never_ends_is_bounded_by_the_time_limit_too(service: Service) -> None:
    with pytest.raises(NoAnswer, match="no answer in time"):
        http.status(f"{service.url}/drips", timeout="300ms")


def test_a_percentile_takes_what_did_not_answer_for_the_whole_time_limit(service: Service, closed_port: int) -> None:
    hanging = f"{service.url}/every-4th-hangs"
    assert http.p50_latency_ms(hanging, 8, timeout="700ms") < 700
    assert http.p95_latency_ms(hanging, 8, timeout="700ms") >= 700
    assert http.p99_latency_ms(f"http://127.0.0.1:{closed_port}/", 3, timeout="900ms") == 900


def test_answers_within_is_true_only_if_every_answer_is(service: Service) -> None:
    assert http.answers_within(service.url, 5000, 4) is True
    assert http.answers_within(f"{service.url}/every-4th-hangs", 300, 4) is False


def test_a_proxy_of_the_environment_is_not_used(
    service: Service, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port}")
    assert http.status(service.url) == 200


@pytest.mark.parametrize("url", ["", "shop", "ftp://shop/", "http://", "http://shop:port/", "http://[::1/", 7])
def test_a_url_that_cannot_be_asked_is_refused(url: str) -> None:
    with pytest.raises(BadInput, match="url"):
        http.status(url)


def test_a_configuration_that_was_not_filled_in_is_named() -> None:
    with pytest.raises(BadInput, match=r"\$\{shop\}.*chaos lab up"):
        http.bad_fraction("${shop}/checkout")


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"requests": 0}, "requests must be a whole number from 1"),
        ({"requests": "20"}, "requests"),
        ({"requests": True}, "requests"),
        ({"requests": 10_001}, "to 10000"),
        ({"concurrency": 0}, "concurrency"),
        ({"timeout": "soon"}, "timeout: 'soon' is not a duration"),
        ({"within": "-1s"}, "within"),
        ({"slower_than_ms": 0}, "slower_than_ms"),
        ({"ok_status": [20]}, "ok_status"),
        ({"method": "get"}, "'get' is not an HTTP method"),
        ({"json": {}, "body": "x"}, "not both"),
        ({"headers": {"X": "a\r\nb"}}, "one line"),
        ({"headers": {"X": 1}}, "one line"),
    ],
)
def test_an_argument_out_of_its_limits_is_refused_before_anything_is_sent(
    service: Service, wrong: dict[str, object], named: str
) -> None:
    with pytest.raises(BadInput, match=named):
        http.bad_fraction(service.url, **wrong)  # type: ignore[arg-type]
    assert service.seen == []


@pytest.mark.parametrize("percentile", [0, 101, "p95", True])
def test_a_percentile_is_above_0_and_at_most_100(service: Service, percentile: float) -> None:
    with pytest.raises(BadInput, match="percentile"):
        http.latency_percentile_ms(service.url, percentile)


def test_a_value_is_found_in_the_answer_whatever_its_status(service: Service) -> None:
    service.body = b'{"items": [{"price": 3}, {"price": 4}]}'
    assert http.json_value(service.url, "$.items[0].price", headers={"Want": "503"}) == 3
    assert http.json_value(service.url, "$.items[*].price") == [3, 4]
    assert http.json_value(service.url, "$.lost") is None
    assert http.json_value(service.url, "$.lost", missing=0) == 0


def test_an_answer_that_is_no_json_is_told_as_such(service: Service) -> None:
    with pytest.raises(NoAnswer, match=r"body that is not JSON.*'ok'"):
        http.json_value(service.url, "$.items")


def test_no_answer_and_a_path_that_is_none_are_told_apart(service: Service) -> None:
    with pytest.raises(NoAnswer):
        http.json_value("http://127.0.0.1:1/", "$.a")
    with pytest.raises(BadInput, match="JSONPath"):
        http.json_value(service.url, "items")
    assert service.seen == []
