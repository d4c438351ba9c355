"""The whole course: workers with a scene each, cases one after the other, and nothing left when it ends."""

import shutil
import tempfile
import threading
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from queue import Queue
from typing import Self

from .case import Case, Outcome
from .scene import Scene, scene
from .trial import carried_out

__all__ = ["WITHIN", "Course"]

WITHIN = 2.0
"""Seconds after which a run must have left nothing, unless somebody says otherwise."""


class Course:
    """A context manager: servers up, and at the end all that it made is gone, however it ends."""

    def __init__(
        self, engine: str = "embedded", *, jobs: int = 2, within: float = WITHIN, keep: Path | None = None
    ) -> None:
        """`jobs` cases at once. `within`: seconds after which a run must have left nothing. `keep`: a folder that gets
        what the runs wrote that left something.
        """
        self._engine = engine
        self._jobs = jobs
        self._within = within
        self._keep = keep
        self._options = f" --engine {engine}" if engine != "embedded" else ""
        self._options += f" --within {within:g}s" if within != WITHIN else ""
        self._stack = ExitStack()
        self._scenes: Queue[Scene] = Queue()
        self._stopping = threading.Event()

    def __enter__(self) -> Self:
        """Raises ProxyError or BadInput when there is no server to be had."""
        with ExitStack() as stack:
            self._folder = Path(tempfile.mkdtemp(prefix="chaos-selftest-"))
            stack.callback(shutil.rmtree, self._folder, ignore_errors=True)
            for number in range(self._jobs):
                place = self._folder / f"server-{number}"
                place.mkdir()
                self._scenes.put(stack.enter_context(scene(self._engine, place)))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def outcomes(self, cases: Iterable[Case], *, span: float = 1.0) -> Generator[Outcome]:
        """Carry out all of them; each outcome as it comes. `span`: seconds a run takes. Raises what a case raised."""
        with ThreadPoolExecutor(self._jobs) as pool:
            try:
                futures = [pool.submit(self._one, case, span) for case in cases]
                for future in as_completed(futures):
                    yield future.result()
            finally:  # Ctrl-C, or who asked has heard enough: what runs is ended, what waits is not begun
                self._stopping.set()
                pool.shutdown(wait=True, cancel_futures=True)
                self._stopping.clear()

    def _one(self, case: Case, span: float) -> Outcome:
        at = self._scenes.get()
        try:
            with self._case_folder() as folder:
                outcome = carried_out(case, at, folder, span=span, within=self._within, is_off=self._stopping.is_set)
                outcome = replace(outcome, options=self._options)
                if outcome.left and self._keep:
                    shutil.copytree(folder, self._keep / folder.name, symlinks=True)
                return outcome
        finally:
            self._scenes.put(at)

    @contextmanager
    def _case_folder(self) -> Iterator[Path]:
        folder = Path(tempfile.mkdtemp(prefix="case-", dir=self._folder))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
