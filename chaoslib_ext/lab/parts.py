"""The parts of a lab as objects that can be started and asked, made from what its state says."""

from collections.abc import Mapping
from pathlib import Path

from .layout import SERVICES
from .postgres import Postgres
from .services import ServiceProcess
from .starting import Part
from .state import LabState
from .valkey import ValkeyServer

__all__ = ["Store", "services", "stores"]

Store = Postgres | ValkeyServer


def stores(folder: Path, state: LabState) -> list[Store]:
    """The database and the cache."""
    data = Path(state.data)
    return [Postgres(folder, data, state.secret), ValkeyServer(folder, data, state.secret)]


def services(folder: Path, state: LabState, *, linked: bool) -> list[Part]:
    """The services that use links, or those that use none and so can start before there are any."""
    links: Mapping[str, str] = state.links
    return [
        ServiceProcess(service, folder, links, state.secret) for service in SERVICES if bool(service.settings) is linked
    ]
