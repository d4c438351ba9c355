"""Toxics: latency, bandwidth, slicer, timeout, reset_peer, slow_close and limit_data on Toxiproxy proxies.

Every fault is taken back when the run ends, however it ends; a `duration` ends it sooner. `proxy` is a name, a glob
(`checkout-*`) or a list of either; `stream` is downstream (answers) or upstream (questions); `toxicity` is the share
of connections that are hit, more than 0 and at most 1. What would hit or change nothing is refused.
"""

from typing import Any

__all__ = [
    "add",
    "add_bandwidth",
    "add_latency",
    "add_limit_data",
    "add_reset_peer",
    "add_slicer",
    "add_slow_close",
    "add_timeout",
    "remove",
]

Proxies = str | list[str]


def add_latency(
    proxy: Proxies,
    latency_ms: int,
    jitter_ms: int = 0,
    *,
    stream: str = "downstream",
    toxicity: float = 1.0,
    duration: str | float | None = None,
    seed: int | None = None,
) -> dict[str, Any]:
    """Delay data by `latency_ms`, give or take `jitter_ms`."""
    asked = {"latency_ms": latency_ms, "jitter_ms": jitter_ms}
    return add(proxy, "latency", asked, stream=stream, toxicity=toxicity, duration=duration, seed=seed)


def add_bandwidth(
    proxy: Proxies,
    rate_kb_per_s: int,
    *,
    stream: str = "downstream",
    toxicity: float = 1.0,
    duration: str | float | None = None,
    seed: int | None = None,
) -> dict[str, Any]:
    """Let at most `rate_kb_per_s` (1 KB = 1,000 bytes) a connection through; 0 lets nothing through."""
    asked = {"rate_kb_per_s": rate_kb_per_s}
    return add(proxy, "bandwidth", asked, stream=stream, toxicity=toxicity, duration=duration, seed=seed)


def add_slicer(
    proxy: Proxies,
    average_size_bytes: int,
    size_variation_bytes: int = 0,
    delay_us: int = 0,
    *,
    stream: str = "downstream",
    toxicity: float = 1.0,
    duration: str | float | None = None,
    seed: int | None = None,
) -> dict[str, Any]:
    """Cut data into pieces of about `average_size_bytes`, with `delay_us` microseconds after each."""
    asked = {
        "average_size_bytes": average_size_bytes,
        "size_variation_bytes": size_variation_bytes,
        "delay_us": delay_us,
    }
    return add(proxy, "slicer", asked, stream=stream, toxicity=toxicity, duration=duration, seed=seed)


def add_timeout(
    proxy: Proxies,
    timeout_ms: int = 0,
    *,
    stream: str = "downstream",
    toxicity: float = 1.0,
    duration: str | float | None = None,
    seed: int | None = None,
) -> dict[str, Any]:
    """Drop all data and close the connection after `timeout_ms`; 0 never closes it."""
    asked = {"timeout_ms": timeout_ms}
    return add(proxy, "timeout", asked, stream=stream, toxicity=toxicity, duration=duration, seed=seed)


def add_reset_peer(
    proxy: Proxies,
    timeout_ms: int = 0,
    *,
    stream: str = "downstream",
    toxicity: float = 1.0,
    duration: str | float | None = None,
    seed: int | None = None,
) -> dict[str, Any]:
    """Reset the connection (TCP RST) `timeout_ms` after its first data."""
    asked = {"timeout_ms": timeout_ms}
    return add(proxy, "reset_peer", asked, stream=stream, toxicity=toxicity, duration=duration, seed=seed)


def add_slow_close(
    proxy: Proxies,
    delay_ms: int,
    *,
    stream: str = "downstream",
    toxicity: float = 1.0,
    duration: str | float | None = None,
    seed: int | None = None,
) -> dict[str, Any]:
    """Let the end of the connection arrive `delay_ms` late."""
    asked = {"delay_ms": delay_ms}
    return add(proxy, "slow_close", asked, stream=stream, toxicity=toxicity, duration=duration, seed=seed)


def add_limit_data(
    proxy: Proxies,
    bytes: int,
    *,
    stream: str = "downstream",
    toxicity: float = 1.0,
    duration: str | float | None = None,
    seed: int | None = None,
) -> dict[str, Any]:
    """Close the connection after `bytes` bytes."""
    asked = {"bytes": bytes}
    return add(proxy, "limit_data", asked, stream=stream, toxicity=toxicity, duration=duration, seed=seed)


def add(
    proxy: Proxies,
    type: str,
    attributes: dict[str, Any] | None = None,
    *,
    stream: str = "downstream",
    toxicity: float = 1.0,
    duration: str | float | None = None,
    seed: int | None = None,
) -> dict[str, Any]:
    """Put a toxic of any type in; `attributes` take Toxiproxy's names (latency) or ours (latency_ms).

    Returns `{"run": ..., "faults": [evidence, ...]}`, one piece of evidence a proxy.
    """
    from chaoslib_ext.faults.inject import inject
    from chaoslib_ext.faults.toxic import Toxic

    fault = Toxic.of(
        proxy=proxy,
        type=type,
        attributes=attributes or {},
        stream=stream,
        toxicity=toxicity,
        duration=duration,
        seed=seed,
    )
    return inject(fault).as_json()


def remove(proxy: Proxies = "*", type: str | None = None) -> dict[str, Any]:
    """Take toxics of this run out again, before its end: on these proxies, of that type or any.

    Toxics that others put in are left alone. Returns `{"run": ..., "undone": [result, ...]}`, empty if none was left.
    """
    from chaoslib_ext.faults.take_back import toxics

    return toxics(proxy, type)
