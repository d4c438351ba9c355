"""Requests and programs."""

from typing import Any

import pytest


@pytest.mark.parametrize(
    "url", ["web/health", "localhost:8080/", "ftp://web", "http://", "http://web:port/", "/health"]
)
def test_a_url_without_a_scheme_or_a_host_is_found(probe_of: Any, found: Any, url: str) -> None:
    assert "bad-url" in found(probe_of({"type": "http", "url": url, "timeout": 1}))


@pytest.mark.parametrize(
    "url", ["http://web", "HTTPS://web/x?y=${wait}", "${host}/x", "http://${host}:${wait}/", "http://[::1]:80/"]
)
def test_a_url_that_can_be_asked_is_left_alone(probe_of: Any, found: Any, url: str) -> None:
    assert found(probe_of({"type": "http", "url": url, "timeout": 1})) == {}


def test_a_header_that_is_no_text_is_found(probe_of: Any, found: Any) -> None:
    provider = {"type": "http", "url": "http://web", "timeout": 1, "headers": {"x-count": 5}}
    assert found(probe_of(provider)) == {"bad-header": "$.steady-state-hypothesis.probes[0].provider.headers.x-count"}


def test_a_program_that_is_not_installed_here_is_this_machines_matter(probe_of: Any, findings: Any) -> None:
    (one,) = findings(probe_of({"type": "process", "path": "nowhere", "timeout": 1}, tolerance=0))
    assert (one.hit.rule.id, one.counts) == ("no-program-here", False)


@pytest.mark.parametrize("path", [" ", "kubectl get pods", "${host}"])
def test_a_path_is_the_name_of_one_program(probe_of: Any, found: Any, here: Any, path: str) -> None:
    from dataclasses import replace

    machine = replace(here, program=lambda name: "/bin/x" if name == "kubectl" else None)
    provider = {"type": "process", "path": path, "timeout": 1}
    assert "not-a-program" in found(probe_of(provider, tolerance=0), on=machine)
