"""The shop's services as processes: uvicorn, settings from the environment, ready when /health answers."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from chaoslib_ext.errors import LabError

from . import data
from .layout import Service
from .ports import HOST
from .processes import Command

__all__ = ["ServiceProcess", "health", "renew_pool"]


class ServiceProcess:
    """One service of the shop, told where the links it uses listen."""

    def __init__(self, service: Service, folder: Path, links: Mapping[str, str], secret: str) -> None:
        self.name, self.port = service.name, service.port
        filled = {name: text.format_map({**links, "secret": secret}) for name, text in service.settings.items()}
        self._settings = {**filled, "SHOP_FEATURES": str(folder / "features.json"), "SHOP_DATA": str(data.folder())}
        self._settings["PYTHONUNBUFFERED"] = "1"

    def prepare(self) -> None:
        """Nothing to do before the start."""

    def command(self, port: int) -> Command:
        """The command line."""
        app = f"chaoslib_ext.lab.shop.{self.name}:app"
        quiet = ["--no-access-log", "--log-level", "warning", "--timeout-graceful-shutdown", "1"]
        argv = [sys.executable, "-P", "-m", "uvicorn", app, "--host", HOST, "--port", str(port), *quiet]
        return Command(argv, self._settings)

    def answers(self, port: int) -> bool:
        """Is it this service that answers there?"""
        return (health(port) or {}).get("service") == self.name

    def finish(self, port: int) -> None:
        """Nothing more to do."""


def health(port: int) -> dict[str, object] | None:
    """What /health on that port says; None without a good answer within 3 s."""
    return _asked("GET", port, "/health")


def renew_pool(port: int) -> None:
    """Give the orders service on that port new connections, as a restart would. Raises LabError."""
    if _asked("POST", port, "/pool/renew") is None:
        raise LabError("orders does not take new connections to its database; try: chaos lab down, then up")


def _asked(method: str, port: int, path: str) -> dict[str, object] | None:
    from urllib3 import PoolManager, Timeout
    from urllib3.exceptions import HTTPError

    url = f"http://{HOST}:{port}{path}"
    try:
        answer = PoolManager(retries=False).request(method, url, timeout=Timeout(total=3))
        return dict(answer.json()) if answer.status == 200 else None
    except (HTTPError, json.JSONDecodeError, TypeError):
        return None
