"""What an action of the host's own kinds came to: it calls a program or a request a success, whatever it answered.

A program that ends with another exit code than 0 says that it did not do what it was asked, and so does an HTTP answer
of 400 and above (chaoslib/provider: it warns, and goes on). An action that may answer so states a `tolerance`.
"""

from typing import Any

__all__ = ["why_not_done"]

_GONE = (404, 410)


def why_not_done(activity: dict[str, Any], output: Any) -> str | None:
    """Why what the action asked for was not done, in words; None when it was, or when nobody can tell."""
    provider = activity.get("provider") or {}
    if activity.get("type") != "action" or "tolerance" in activity or not isinstance(output, dict):
        return None
    status = output.get("status")
    if not isinstance(status, int):
        return None
    if provider.get("type") == "process" and status != 0:
        said = " ".join(str(output.get("stderr") or output.get("stdout") or "").split())[:200]
        return f"exit code {status}{f': {said}' if said else ''}"
    if provider.get("type") == "http" and status >= 400 and not _is_gone(provider, status):
        return f"HTTP {status}"
    return None


def _is_gone(provider: dict[str, Any], status: int) -> bool:
    """Was something to be deleted that is not there any more?"""
    return str(provider.get("method", "GET")).upper() == "DELETE" and status in _GONE
