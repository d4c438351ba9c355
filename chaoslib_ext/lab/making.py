"""Making a lab whole: start each part that does not answer, and make each link lead where it should.

For a new lab that is everything; for one that lost a process it is that process and whoever hung on it.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor
from concurrent.futures import wait as until_done

from chaoslib_ext.errors import ExtError

from .layout import SERVICES
from .parts import services, stores
from .processes import found, stop
from .server import described, put_links, server_answers, start_server
from .starting import Part, Starter, Stopped

__all__ = ["make_whole"]


def make_whole(starter: Starter) -> None:
    """Start what does not answer, and what hung on it. Raises LabError or ProxyError."""
    lost = _start_ground(starter)
    moved = _put_links(starter)
    _start_linked(starter, all_anew=lost or moved)
    _put_links(starter)  # once more: a service may have got another port than its usual one
    starter.book.note(phase="up")


def _start_ground(starter: Starter) -> bool:
    """The proxy server, the stores and the services that use no link; True when connections of others were lost."""
    book = starter.book
    silent_stores = _silent(starter, stores(book.folder, book.state))
    silent = [*silent_stores, *_silent(starter, services(book.folder, book.state, linked=False))]
    jobs = [_job(starter, part) for part in silent]
    if is_server_gone := not server_answers(book.state):
        jobs.append(lambda: start_server(starter))
    _end(starter, [part.name for part in silent] + ["toxiproxy"] * is_server_gone)
    _all_at_once(starter, jobs)
    return is_server_gone or bool(silent_stores)


def _start_linked(starter: Starter, *, all_anew: bool) -> None:
    """The services that use links: all of them when they hold connections or addresses of old, else the silent."""
    book = starter.book
    parts = services(book.folder, book.state, linked=True)
    wanted = parts if all_anew else _silent(starter, parts)
    _end(starter, [part.name for part in wanted])
    _all_at_once(starter, [_job(starter, part) for part in wanted])


def _silent(starter: Starter, parts: Sequence[Part]) -> list[Part]:
    known = starter.book.state.processes
    return [part for part in parts if part.name not in known or not part.answers(known[part.name].port)]


def _end(starter: Starter, names: Sequence[str]) -> None:
    known = starter.book.state.processes
    stop(process for name in names if name in known and (process := found(known[name])))


def _job(starter: Starter, part: Part) -> Callable[[], object]:
    return lambda: starter.start(part)


def _put_links(starter: Starter) -> bool:
    """Put the links in place, written down; True when one of them moved."""
    book = starter.book
    upstreams = {service.name: service.port for service in SERVICES}
    upstreams |= {name: process.port for name, process in book.state.processes.items()}
    links = put_links(str(book.state.server), starter.ports, upstreams, book.state.links)
    moved = links != book.state.links
    book.note(links=links)
    described(book.folder, upstreams, links)
    return moved


def _all_at_once(starter: Starter, jobs: Sequence[Callable[[], object]]) -> None:
    """Run the jobs side by side. The first that fails, or Ctrl-C, makes the others give up; its error is raised."""
    with ThreadPoolExecutor(max_workers=max(1, len(jobs))) as pool:
        running = [pool.submit(job) for job in jobs]
        try:
            until_done(running, return_when=FIRST_EXCEPTION)
        finally:
            if not all(job.done() and not job.exception() for job in running):
                starter.stop()
    problems = [problem for job in running if (problem := job.exception())]
    if problems:
        raise min(problems, key=_weight)


def _weight(problem: BaseException) -> int:
    """Ours say most; that a part gave up because another failed says nothing."""
    return 0 if isinstance(problem, ExtError) else 2 if isinstance(problem, Stopped) else 1
