"""The services of the shared lab, spoken to over HTTP as anybody would."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import urllib3

from chaoslib_ext.lab.features import soften
from chaoslib_ext.lab.layout import WEAKNESSES
from chaoslib_ext.lab.state import LabState
from chaoslib_ext.proxy.client import Client


@dataclass
class Shop:
    """`ask` speaks to a service itself; what the services say to each other goes through the links."""

    lab: LabState

    @property
    def proxy(self) -> Client:
        return Client(str(self.lab.server))

    def ask(self, service: str, method: str, path: str, body: Any = None, **how: Any) -> tuple[int, Any]:
        port = self.lab.processes[service].port
        sent = {"body": body} if isinstance(body, bytes) else {"json": body}
        how = {"timeout": 20, "retries": False, **sent, **how}
        answer = urllib3.request(method, f"http://127.0.0.1:{port}{path}", **how)
        return answer.status, answer.json()


@pytest.fixture
def shop(shared_lab: LabState) -> Iterator[Shop]:
    """Soft, without toxics and with a full pool, before and after."""
    shop = Shop(shared_lab)
    yield shop
    shop.proxy.reset()
    soften(WEAKNESSES)
    shop.ask("orders", "POST", "/pool/renew")
