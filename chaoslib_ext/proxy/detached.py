"""A server in a session of its own: it survives the terminal, the run and the lab command that started it."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.descriptors import is_readable
from chaoslib_ext.errors import BadInput, ProxyError

__all__ = ["Serving", "start_detached"]

START_SECONDS = 15.0


@dataclass(frozen=True)
class Serving:
    """A server that was started; (pid, create_time) tells it from a later process of the same pid."""

    url: str
    pid: int
    create_time: float
    engine: str


def start_detached(
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    config: Path | None = None,
    seed: int | None = None,
    metrics: bool = True,
    engine: str = "embedded",
    log: Path,
) -> Serving:
    """Start a server and return once its API answers; its log is appended to `log`.

    Raises BadInput or ProxyError with the server's own reason, and ProxyError when it is not ready after 15 s.
    """
    import psutil

    options = ["--host", host, "--port", str(port), "--engine", engine, "--log", str(log)]
    options += ["--config", str(config)] if config else []
    options += ["--seed", str(seed)] if seed is not None else []
    options += ["--metrics"] if metrics else []
    reader, writer = os.pipe()
    try:
        process = _spawn(options, log, writer)
    except OSError as error:
        os.close(reader)
        raise BadInput(f"cannot start a server that logs to {log}: {error.strerror}; choose another file") from error
    finally:
        os.close(writer)
    url = _first_line(reader, process, log)
    return Serving(url, process.pid, psutil.Process(process.pid).create_time(), engine)


def _spawn(options: list[str], log: Path, writer: int) -> subprocess.Popen[bytes]:
    # -P: what lies in the working directory must not pass for a module of ours
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "chaoslib_ext.proxy.serve", *options, "--ready-fd", str(writer)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            close_fds=True,
            pass_fds=(writer,),
        )


def _first_line(reader: int, process: subprocess.Popen[bytes], log: Path) -> str:
    """The URL that the server tells, or its error raised."""
    told, deadline = b"", SYSTEM.monotonic() + START_SECONDS
    with open(reader, "rb", buffering=0) as pipe:
        while not told.endswith(b"\n"):
            left = deadline - SYSTEM.monotonic()
            if left <= 0 or not is_readable(reader, left):
                process.kill()
                raise ProxyError(f"the server was not ready after {START_SECONDS:.0f} s and was stopped; see {log}")
            part = pipe.read(4096)
            if not part:
                raise ProxyError(f"the server ended with code {process.wait()} before it was ready; see {log}")
            told += part
    line = told.decode().strip()
    if line.startswith("! "):
        raise (BadInput if process.wait() == 2 else ProxyError)(line[2:])
    return line
