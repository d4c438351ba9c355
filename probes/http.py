"""What a user of a service sees over HTTP: a status, the share of bad answers, latency percentiles. Reads only.

All take `url`, then `method`, `json` or `body`, `headers`; `timeout` bounds each request, `within` the whole probe.
A redirect is an answer and is not followed. Wrong arguments are refused (BadInput) before anything is sent.
"""

from typing import Any

from chaoslib_ext.blackbox.http import Answer, Asking, ask
from chaoslib_ext.blackbox.json_path import json_path
from chaoslib_ext.blackbox.numbers import bad_share, percentile_ms
from chaoslib_ext.blackbox.request import HttpRequest, seconds, whole
from chaoslib_ext.errors import BadInput, NoAnswer

__all__ = [
    "answers_within",
    "bad_fraction",
    "json_value",
    "latency_percentile_ms",
    "p50_latency_ms",
    "p95_latency_ms",
    "p99_latency_ms",
    "status",
]


def status(
    url: str,
    method: str = "GET",
    json: Any = None,
    body: str | None = None,
    headers: dict[str, str] | None = None,
    *,
    timeout: str = "5s",
) -> int:
    """The status of one request, such as 200. Raises NoAnswer when none comes within `timeout`."""
    request = HttpRequest(url, method, json, body, headers or {})
    (answer,) = ask(request, Asking(timeout=seconds("timeout", timeout)))
    if answer.status is None:
        raise NoAnswer(f"{method} {url}: {answer.problem}; is the service up, and is this its address?")
    return answer.status


def json_value(
    url: str,
    path: str,
    method: str = "GET",
    json: Any = None,
    body: str | None = None,
    headers: dict[str, str] | None = None,
    *,
    missing: Any = None,
    timeout: str = "5s",
) -> Any:
    """What the JSONPath `path` (the host's dialect) finds in the answer; a list where it finds several.

    `missing` where it finds nothing. The status does not matter. Raises NoAnswer when no answer comes within
    `timeout`, or one that is not JSON.
    """
    find = json_path(path)
    request = HttpRequest(url, method, json, body, headers or {})
    (answer,) = ask(request, Asking(timeout=seconds("timeout", timeout), keep=True))
    if answer.status is None:
        raise NoAnswer(f"{method} {url}: {answer.problem}; is the service up, and is this its address?")
    found = find(answer.json(f"{method} {url}"))
    return found[0] if len(found) == 1 else found or missing


def answers_within(
    url: str,
    limit_ms: float,
    requests: int = 1,
    method: str = "GET",
    json: Any = None,
    body: str | None = None,
    headers: dict[str, str] | None = None,
    *,
    ok_status: list[int] | None = None,
    concurrency: int = 1,
    within: str = "60s",
) -> bool:
    """Is every one of `requests` answered well within `limit_ms` milliseconds?"""
    share = bad_fraction(
        url,
        requests,
        method,
        json,
        body,
        headers,
        slower_than_ms=limit_ms,
        ok_status=ok_status,
        concurrency=concurrency,
        timeout=f"{_positive('limit_ms', limit_ms)}ms",
        within=within,
    )
    return share == 0


def bad_fraction(
    url: str,
    requests: int = 20,
    method: str = "GET",
    json: Any = None,
    body: str | None = None,
    headers: dict[str, str] | None = None,
    *,
    slower_than_ms: float | None = None,
    ok_status: list[int] | None = None,
    concurrency: int = 4,
    timeout: str = "5s",
    within: str = "60s",
) -> float:
    """The share, 0 to 1, of `requests` that are bad: no answer, not in `ok_status` (200 to 399), too slow.

    `concurrency` of them are under way at a time. Those that are not answered when `within` is over are bad too.
    """
    good = _statuses(ok_status)
    limit = None if slower_than_ms is None else _positive("slower_than_ms", slower_than_ms)
    answers, _ = _asked(HttpRequest(url, method, json, body, headers or {}), requests, concurrency, timeout, within)
    return bad_share(answers, good, limit)


def latency_percentile_ms(
    url: str,
    percentile: float,
    requests: int = 20,
    method: str = "GET",
    json: Any = None,
    body: str | None = None,
    headers: dict[str, str] | None = None,
    *,
    concurrency: int = 4,
    timeout: str = "5s",
    within: str = "60s",
) -> float:
    """The latency in ms that `percentile` % of `requests` did not exceed (nearest rank), body included.

    An answer counts whatever its status (ask `bad_fraction` for that); a request without one counts as `timeout`.
    """
    if isinstance(percentile, bool) or not isinstance(percentile, int | float) or not 0 < percentile <= 100:
        raise BadInput(f"percentile must be a number above 0 and at most 100, not {percentile!r}")
    request = HttpRequest(url, method, json, body, headers or {})
    answers, limit = _asked(request, requests, concurrency, timeout, within)
    return percentile_ms(answers, percentile, limit)


def p50_latency_ms(
    url: str,
    requests: int = 20,
    method: str = "GET",
    json: Any = None,
    body: str | None = None,
    headers: dict[str, str] | None = None,
    *,
    concurrency: int = 4,
    timeout: str = "5s",
    within: str = "60s",
) -> float:
    """The median latency in ms over `requests`; as `latency_percentile_ms`."""
    how: dict[str, Any] = {"concurrency": concurrency, "timeout": timeout, "within": within}
    return latency_percentile_ms(url, 50, requests, method, json, body, headers, **how)


def p95_latency_ms(
    url: str,
    requests: int = 40,
    method: str = "GET",
    json: Any = None,
    body: str | None = None,
    headers: dict[str, str] | None = None,
    *,
    concurrency: int = 4,
    timeout: str = "5s",
    within: str = "60s",
) -> float:
    """The latency in ms that 95 % of `requests` did not exceed; as `latency_percentile_ms`."""
    how: dict[str, Any] = {"concurrency": concurrency, "timeout": timeout, "within": within}
    return latency_percentile_ms(url, 95, requests, method, json, body, headers, **how)


def p99_latency_ms(
    url: str,
    requests: int = 100,
    method: str = "GET",
    json: Any = None,
    body: str | None = None,
    headers: dict[str, str] | None = None,
    *,
    concurrency: int = 4,
    timeout: str = "5s",
    within: str = "60s",
) -> float:
    """The latency in ms that 99 % of `requests` did not exceed; as `latency_percentile_ms`."""
    how: dict[str, Any] = {"concurrency": concurrency, "timeout": timeout, "within": within}
    return latency_percentile_ms(url, 99, requests, method, json, body, headers, **how)


def _statuses(ok_status: list[int] | None) -> set[int]:
    if ok_status is None:
        return set(range(200, 400))
    return {whole("ok_status", one, 100, 599) for one in ok_status}


def _positive(name: str, value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise BadInput(f"{name} must be a number of milliseconds above 0, not {value!r}")
    return value


def _asked(
    request: HttpRequest, requests: int, concurrency: int, timeout: str, within: str
) -> tuple[list[Answer], float]:
    limit = seconds("timeout", timeout)
    how = Asking(
        requests=whole("requests", requests, 1, 10_000),
        concurrency=whole("concurrency", concurrency, 1, 200),
        timeout=limit,
        within=seconds("within", within),
    )
    return ask(request, how), limit
