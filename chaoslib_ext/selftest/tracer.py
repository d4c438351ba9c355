"""In the child: sees every fsync, rename, request and signal handler of ours, writes them down, and strikes at one.

Loaded by a `sitecustomize` that only a child of `chaos selftest` has on its path (see `victim.py`), so in any other
process it does not exist. It needs nothing but the standard library, and reads its orders from a file.
"""

import itertools
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any

from chaoslib_ext.clock import SYSTEM

from .strike import Strikes

__all__ = ["install", "role", "site_of"]

_ROOT = str(Path(__file__).parent.parent) + os.sep
_OWN = str(Path(__file__).parent) + os.sep
_WIRE = ("proxy/consumer.py", "proxy/client.py")
"""Every request goes through these; who asked stands above them."""
_WORKER = "worker.py:"
_HANDED_OVER = "worker.py:Call.run"
"""Below this a thread of ours does what another one has handed over."""
_RENAMES = ("replace", "rename", "link")


def install(orders: str) -> None:
    """Carry out what the file `orders` says: see `victim.Orders`."""
    tracer = _Tracer(json.loads(Path(orders).read_text()))
    tracer.wrap()


def role() -> str:
    """Which of the processes of a run this one is."""
    for module, as_what in (("chaoslib_ext.faults.watch", "watchdog"), ("chaoslib_ext.guests.play", "player")):
        if module in sys.orig_argv:
            return as_what
    return "hand" if "undo" in sys.orig_argv else "runner"


def site_of(code: CodeType) -> str | None:
    """`room/file.py:Class.function` of code of ours; None for any other. What is inside a function counts as it."""
    file = code.co_filename
    if not file.startswith(_ROOT) or file.startswith(_OWN):
        return None
    names = [part for part in code.co_qualname.split(".<locals>.") if not part.startswith("<")]
    return f"{file[len(_ROOT) :]}:{'.'.join(names) or '<module>'}"


def _untraced(handler: Any) -> Any:
    return getattr(handler, "untraced", handler)


class _Tracer:
    def __init__(self, orders: dict[str, Any]) -> None:
        self._role = role()
        self._file = os.open(orders["told"], os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._is_tracing = bool(orders["trace"])
        self._write = os.write
        self._counts: dict[tuple[str, str], Iterator[int]] = {}
        self._inside = threading.local()
        self._strikes = Strikes(orders, self._role, self._tell)
        self._has_begun = False
        self._tell({"is": "process", "pid": os.getpid(), "role": self._role})

    def wrap(self) -> None:
        """Put ourselves around what is watched; what fails is innermost, so that its call is a point all the same."""
        self._strikes.wrap()
        os.fsync = self._around("fsync", os.fsync)
        for name in _RENAMES:
            setattr(os, name, self._around("rename", getattr(os, name)))
        signal.signal = self._around_signal(signal.signal)
        asked = signal.getsignal
        signal.getsignal = lambda signalnum: _untraced(asked(signalnum))
        sys.meta_path.insert(0, _WhenImported("urllib3.connectionpool", self._wrap_requests))
        sys.meta_path.insert(0, _WhenImported("chaoslib_ext.worker", _wrap_calls))

    def _wrap_requests(self, module: ModuleType) -> None:
        pool = module.HTTPConnectionPool  # `requests` stands on it too
        pool.urlopen = self._around("http", pool.urlopen)

    def _around(self, kind: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def traced(*args: Any, **kwargs: Any) -> Any:
            point = self._point(kind, sys._getframe(1))
            if point is None:
                return real(*args, **kwargs)
            self._at(point, "before")
            try:
                return real(*args, **kwargs)
            finally:
                self._at(point, "after")

        return traced

    def _around_signal(self, real: Callable[..., Any]) -> Callable[..., Any]:
        """Also around the handlers that are put in, which nobody may notice."""
        inner = self._around("signal", real)

        def traced(number: int, handler: Any) -> Any:
            if site_of(sys._getframe(1).f_code) is None:
                return _untraced(real(number, handler))
            code = getattr(handler, "__code__", None)
            if code is not None and site_of(code):
                handler = self._handler(handler, code)
            return _untraced(inner(number, handler))

        return traced

    def _handler(self, real: Any, code: CodeType) -> Any:
        def handled(number: int, frame: FrameType | None) -> Any:
            point = self._counted("handler", site_of(code) or "", [])
            self._at(point, "before")
            try:
                return real(number, frame)
            finally:
                self._at(point, "after")

        handled.untraced = real  # type: ignore[attr-defined]
        return handled

    def _point(self, kind: str, frame: FrameType | None) -> dict[str, Any] | None:
        chain = list(_chain(frame))
        above = [site for site in chain if not site.startswith(_WIRE)] if kind == "http" else chain
        return self._counted(kind, above[0], chain) if above else None

    def _counted(self, kind: str, site: str, chain: list[str]) -> dict[str, Any]:
        number = next(self._counts.setdefault((kind, site), itertools.count(1)))
        return {"role": self._role, "kind": kind, "site": site, "nth": number, "chain": chain}

    def _at(self, point: dict[str, Any], when: str) -> None:
        if getattr(self._inside, "is_on", False):  # what we do ourselves is no point
            return
        self._inside.is_on = True
        try:
            if not self._has_begun:
                self._has_begun = True
                self._tell({"is": "begun", "at": SYSTEM.monotonic()})
            if self._is_tracing and when == "before":
                self._tell({"is": "point", "at": SYSTEM.monotonic(), **point})
            strike = self._strikes.due(f"{point['role']} {point['kind']} {point['site']} #{point['nth']} {when}")
        finally:
            self._inside.is_on = False
        if strike:
            self._tell({"is": "reached", "at": SYSTEM.monotonic(), "point": strike["at"]})
            self._strikes.strike(strike)

    def _tell(self, line: dict[str, Any]) -> None:
        self._write(self._file, json.dumps(line).encode() + b"\n")


def _chain(frame: FrameType | None) -> Iterator[str]:
    """The sites of a call, innermost first; of one that a worker does, those of who handed it over come behind."""
    last = ""
    while frame is not None:
        site = site_of(frame.f_code)
        if site == _HANDED_OVER:
            yield from getattr(frame.f_locals["self"], "chain", ())
            return
        if site and site != last and not site.startswith(_WORKER):
            last = site
            yield site
        frame = frame.f_back


def _wrap_calls(module: ModuleType) -> None:
    """Each call that is handed to a worker knows who did."""
    real = module.Call.__init__

    def begun(call: Any, *args: Any) -> None:
        real(call, *args)
        call.chain = list(_chain(sys._getframe(1)))

    module.Call.__init__ = begun


class _WhenImported(MetaPathFinder):
    """Calls `then(module)` right after the import of one module; costs nothing where it is never imported."""

    def __init__(self, name: str, then: Callable[[ModuleType], None]) -> None:
        self._name, self._then = name, then

    def find_spec(self, name: str, path: Any = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """The module's own spec, with our step behind its execution."""
        if name != self._name:
            return None
        others = (finder for finder in sys.meta_path if finder is not self)
        spec = next((found for finder in others if (found := finder.find_spec(name, path, target))), None)
        if spec is None or spec.loader is None:
            return spec
        loader = spec.loader
        execute = loader.exec_module

        def execute_and_then(module: ModuleType) -> None:
            execute(module)
            self._then(module)

        loader.exec_module = execute_and_then  # type: ignore[method-assign]
        return spec
