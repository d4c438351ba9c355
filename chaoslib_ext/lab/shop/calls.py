"""How a service of the shop asks another over HTTP: JSON, always with a time limit, one try."""

import os
from typing import Any

from urllib3 import PoolManager, Timeout
from urllib3.exceptions import HTTPError

__all__ = ["Gone", "Neighbour"]


class Gone(Exception):
    """A service that was asked does not answer in time."""


class Neighbour:
    """The service `name` at the URL that the environment variable `variable` holds; `seconds` for each question."""

    def __init__(self, name: str, variable: str, seconds: float) -> None:
        self.name, self._variable, self._limit = name, variable, Timeout(total=seconds)
        self._connections = PoolManager(maxsize=40, retries=False)

    def ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Status and body of the answer. Raises Gone."""
        url = os.environ[self._variable] + path
        try:
            answer = self._connections.request(method, url, json=body, headers=headers, timeout=self._limit)
            told = answer.json()
        except (HTTPError, ValueError) as error:
            raise Gone(f"{self.name} does not answer: {error}") from error
        return answer.status, told

    def told(self, path: str) -> dict[str, Any]:
        """The body of a GET that was answered with 200. Raises Gone."""
        status, body = self.ask("GET", path)
        if status != 200:
            raise Gone(f"{self.name} answered {status}")
        return body
