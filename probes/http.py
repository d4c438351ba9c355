"""What a user of a service sees over HTTP: a status, a value of the answer, the share of bad answers, latency
percentiles. Reads only.

All take `url`, then `method`, `json` or `body`, `headers`; `timeout` bounds each request, `within` the whole probe.
For https `tls` may hold `ca_file`, `client_cert_file`, `client_key_file` and `server_name` (whose certificate is
expected, where the url dials a link instead); `http_proxy` is the URL of a proxy to ask through. Secrets go into
`headers` as `${name}`, from the experiment's `secrets`: no message and no record shows them. A redirect is an answer
and is not followed. Wrong arguments are refused (BadInput) before anything is sent.
"""

from typing import Any

from chaoslib_ext.blackbox.arguments import milliseconds, seconds, text, whole
from chaoslib_ext.blackbox.http import Answer, Asking, ask, ask_once
from chaoslib_ext.blackbox.json_path import json_path
from chaoslib_ext.blackbox.numbers import bad_share, percentile_ms
from chaoslib_ext.blackbox.patterns import Pattern
from chaoslib_ext.blackbox.request import HttpRequest
from chaoslib_ext.errors import BadInput

__all__ = [
    "answers_within",
    "bad_fraction",
    "body_matches",
    "header",
    "json_value",
    "latency_percentile_ms",
    "p50_latency_ms",
    "p95_latency_ms",
    "p99_latency_ms",
    "status",
    "text_value",
]


def status(
    url: str,
    method: str = "GET",
    json: Any = None,
    body: str | None = None,
    headers: dict[str, str] | None = None,
    *,
    timeout: str = "5s",
    tls: dict[str, str] | None = None,
    http_proxy: str | None = None,
) -> int:
    """The status of one request, such as 200. Raises NoAnswer when none comes within `timeout`."""
    request = HttpRequest(url, method, json, body, headers, tls, http_proxy)
    return ask_once(request, seconds("timeout", timeout)).status or 0


def header(
    url: str,
    name: str,
    method: str = "GET",
    json: Any = None,
    body: str | None = None,
    headers: dict[str, str] | None = None,
    *,
    missing: Any = None,
    timeout: str = "5s",
    tls: dict[str, str] | None = None,
    http_proxy: str | None = None,
) -> Any:
    """A header of the answer as text, its name in any case; `missing` without it. The status does not matter."""
    request = HttpRequest(url, method, json, body, headers, tls, http_proxy)
    sought = text("name", name, "Cache-Control")
    return ask_once(request, seconds("timeout", timeout)).headers.get(sought, missing)


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
    tls: dict[str, str] | None = None,
    http_proxy: str | None = None,
) -> Any:
    """What the JSONPath `path` (the host's dialect) finds in the answer; a list where it finds several.

    `missing` where it finds nothing. The status does not matter. Raises NoAnswer when no answer comes within
    `timeout`, or one that is not JSON.
    """
    find = json_path(path)
    request = HttpRequest(url, method, json, body, headers, tls, http_proxy)
    found = find(ask_once(request, seconds("timeout", timeout), keep=True).json(str(request)))
    return found[0] if len(found) == 1 else found or missing


def text_value(
    url: str,
    pattern: str,
    method: str = "GET",
    json: Any = None,
    body: str | None = None,
    headers: dict[str, str] | None = None,
    *,
    missing: Any = None,
    timeout: str = "5s",
    tls: dict[str, str] | None = None,
    http_proxy: str | None = None,
) -> Any:
    """What the regular expression `pattern` finds first in the body, as text: its first group, or all of it.

    `missing` where it finds nothing. The status does not matter.
    """
    limit = seconds("timeout", timeout)
    sought = Pattern(pattern, limit)
    request = HttpRequest(url, method, json, body, headers, tls, http_proxy)
    match = sought.search(ask_once(request, limit, keep=True).text(str(request)))
    return missing if match is None else match[1 if match.re.groups else 0]


def body_matches(
    url: str,
    pattern: str,
    method: str = "GET",
    json: Any = None,
    body: str | None = None,
    headers: dict[str, str] | None = None,
    *,
    timeout: str = "5s",
    tls: dict[str, str] | None = None,
    http_proxy: str | None = None,
) -> bool:
    """Does the regular expression `pattern` match anywhere in the body? The status does not matter."""
    how: dict[str, Any] = {"timeout": timeout, "tls": tls, "http_proxy": http_proxy}
    nothing = object()
    return text_value(url, pattern, method, json, body, headers, missing=nothing, **how) is not nothing


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
    tls: dict[str, str] | None = None,
    http_proxy: str | None = None,
) -> bool:
    """Is every one of `requests` answered well within `limit_ms` milliseconds?"""
    limit = f"{milliseconds('limit_ms', limit_ms)}ms"
    how: dict[str, Any] = {"ok_status": ok_status, "concurrency": concurrency, "timeout": limit, "within": within}
    how |= {"slower_than_ms": limit_ms, "tls": tls, "http_proxy": http_proxy}
    return bad_fraction(url, requests, method, json, body, headers, **how) == 0


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
    tls: dict[str, str] | None = None,
    http_proxy: str | None = None,
) -> float:
    """The share, 0 to 1, of `requests` that are bad: no answer, not in `ok_status` (200 to 399), too slow.

    `concurrency` of them are under way at a time. Those that are not answered when `within` is over are bad too.
    """
    good = _statuses(ok_status)
    limit = None if slower_than_ms is None else milliseconds("slower_than_ms", slower_than_ms)
    request = HttpRequest(url, method, json, body, headers, tls, http_proxy)
    answers, _ = _asked(request, requests, concurrency, timeout, within)
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
    tls: dict[str, str] | None = None,
    http_proxy: str | None = None,
) -> float:
    """The latency in ms that `percentile` % of `requests` did not exceed (nearest rank), body included.

    An answer counts whatever its status (ask `bad_fraction` for that); a request without one counts as `timeout`.
    """
    if isinstance(percentile, bool) or not isinstance(percentile, int | float) or not 0 < percentile <= 100:
        raise BadInput(f"percentile must be a number above 0 and at most 100, not {percentile!r}")
    request = HttpRequest(url, method, json, body, headers, tls, http_proxy)
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
    tls: dict[str, str] | None = None,
    http_proxy: str | None = None,
) -> float:
    """The median latency in ms over `requests`; as `latency_percentile_ms`."""
    how: dict[str, Any] = {"concurrency": concurrency, "timeout": timeout, "within": within}
    how |= {"tls": tls, "http_proxy": http_proxy}
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
    tls: dict[str, str] | None = None,
    http_proxy: str | None = None,
) -> float:
    """The latency in ms that 95 % of `requests` did not exceed; as `latency_percentile_ms`."""
    how: dict[str, Any] = {"concurrency": concurrency, "timeout": timeout, "within": within}
    how |= {"tls": tls, "http_proxy": http_proxy}
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
    tls: dict[str, str] | None = None,
    http_proxy: str | None = None,
) -> float:
    """The latency in ms that 99 % of `requests` did not exceed; as `latency_percentile_ms`."""
    how: dict[str, Any] = {"concurrency": concurrency, "timeout": timeout, "within": within}
    how |= {"tls": tls, "http_proxy": http_proxy}
    return latency_percentile_ms(url, 99, requests, method, json, body, headers, **how)


def _statuses(ok_status: list[int] | None) -> set[int]:
    if ok_status is None:
        return set(range(200, 400))
    return {whole("ok_status", one, 100, 599) for one in ok_status}


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
