"""A Toxiproxy server as typed calls: every method one or two requests, an answer in our words, or a typed error.

Holds no state of the server: what it returns is what was so when it was read. Never decides whether a fault may go
in (that is `faults.inject`), and never remembers what it did (that is the undo log).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from chaoslib_ext.errors import ExtError, ProxyError, ProxyNotFound

from .address import base_url
from .answers import Answer, NoSuchRoute, understood
from .arguments import addressable, checked_attributes, checked_toxicity, toxic_body, toxic_from
from .consumer import consumer_for, path
from .state import ProxyState, ToxicState
from .wording import Subject, retold

if TYPE_CHECKING:
    from prometheus_client.samples import Sample

    from chaoslib_ext.model import Stream

__all__ = ["Client", "ProxyState", "ToxicState"]


class Client:
    """One server's API at `url` (http://host:port); each call is bounded by `timeout` seconds.

    Safe to use from several threads. Raises, from any method: ServerGone when the port refuses, ProxyUnreachable
    when no answer comes in time, ProxyFailed for a 5xx or an answer that is not Toxiproxy's.
    """

    def __init__(self, url: str, *, timeout: float = 5.0) -> None:
        self.url = base_url(url)
        self._api = consumer_for(self.url, timeout)
        self._can_patch = True

    def __repr__(self) -> str:
        return f"Client({self.url!r})"

    def version(self) -> str:
        """The server's version: a semver, or `git` from a Go build."""
        return understood(self._api.get("/version"), self.url, lambda answer: str(answer.json()["version"]))

    @property
    def heard(self) -> str | None:
        """Which start of a server gave the last answer that this thread had (`request_id.py`); None where it did not
        say.
        """
        return getattr(self._api.heard, "instance", None)

    def proxies(self) -> dict[str, ProxyState]:
        """All proxies by name."""
        return understood(
            self._api.get("/proxies"),
            self.url,
            lambda answer: {name: ProxyState.model_validate(one) for name, one in answer.json().items()},
        )

    def proxy(self, name: str) -> ProxyState:
        """One proxy. Raises ProxyNotFound with the names there are."""
        with self._named(name):
            try:
                return self._proxy(self._api.get(path("proxies", name)))
            except NoSuchRoute:
                return self._listed(name)

    def create(
        self,
        name: str,
        upstream: str,
        listen: str | None = None,
        enabled: bool = True,
        toxics: Sequence[dict[str, Any]] | None = None,
    ) -> ProxyState:
        """Create a proxy; without `listen` on a free port of 127.0.0.1. Raises ProxyExists, ProxyRefused, ProxyFailed.

        `toxics` come with it, before its first connection, where the server can (ours). The Go server ignores
        them, so there they are added one by one; if one is refused, the proxy is taken away again.
        """
        wanted: dict[str, Any] = {"name": addressable("proxy", name), "upstream": upstream, "enabled": enabled}
        wanted["listen"] = listen or "127.0.0.1:0"
        if toxics:
            wanted["toxics"] = [toxic_from(one) for one in toxics]
        with self._named(name, type=_doubtful(wanted.get("toxics", ()))):
            made = self._proxy(self._api.post("/proxies", json=wanted))
        return self._with_toxics(made, toxics) if toxics and not made.toxics else made

    def update(
        self, name: str, *, listen: str | None = None, upstream: str | None = None, enabled: bool | None = None
    ) -> ProxyState:
        """Change what is given; what is None stays. A new listen or upstream drops the open connections."""
        given = {"listen": listen, "upstream": upstream, "enabled": enabled}
        with self._named(name):
            return self._proxy(self._change(path("proxies", name), {k: v for k, v in given.items() if v is not None}))

    def delete(self, name: str) -> None:
        """Take a proxy away, its connections and toxics with it."""
        with self._named(name):
            self._api.delete(path("proxies", name))

    def toxics(self, proxy: str) -> list[ToxicState]:
        """The toxics of a proxy: upstream ones first, each in chain order."""
        with self._named(proxy):
            try:
                answer = self._api.get(path("proxies", proxy, "toxics"))
            except NoSuchRoute:
                return list(self._listed(proxy).toxics)
            return understood(
                answer, self.url, lambda answer: [ToxicState.model_validate(one) for one in answer.json()]
            )

    def toxic(self, proxy: str, name: str) -> ToxicState:
        """One toxic. Raises ToxicNotFound or ProxyNotFound with the names there are."""
        with self._named(proxy, name):
            return self._toxic(self._api.get(path("proxies", proxy, "toxics", name)))

    def add_toxic(
        self,
        proxy: str,
        type: str,
        *,
        name: str | None = None,
        stream: "Stream" = "downstream",
        toxicity: float = 1.0,
        attributes: dict[str, int | float] | None = None,
        seed: int | None = None,
    ) -> ToxicState:
        """Put a toxic at the end of a proxy's chain; open connections get it at once.

        `attributes` are in Toxiproxy's units (ms, KB/s, bytes, us). A server that takes no `seed` drops it: the
        state then has none. Raises BadAttribute before anything is sent (for a type that is unknown here: when the
        server refuses it), ToxicExists, ProxyNotFound, ProxyRefused.
        """
        wanted = toxic_body(type, name=name, stream=stream, toxicity=toxicity, attributes=attributes, seed=seed)
        with self._named(proxy, wanted["name"], type):
            return self._toxic(self._api.post(path("proxies", proxy, "toxics"), json=wanted))

    def update_toxic(
        self,
        proxy: str,
        name: str,
        *,
        attributes: dict[str, int | float] | None = None,
        toxicity: float | None = None,
    ) -> ToxicState:
        """Change what is given: attributes are merged into those there are; a toxicity of None stays as it is."""
        before = self.toxic(proxy, name)
        checked_attributes(before.type, {**before.attributes, **(attributes or {})})
        wanted: dict[str, Any] = {"attributes": attributes or {}}
        if toxicity is not None:
            wanted["toxicity"] = checked_toxicity(toxicity)
        with self._named(proxy, name):
            return self._toxic(self._change(path("proxies", proxy, "toxics", name), wanted))

    def remove_toxic(self, proxy: str, name: str) -> None:
        """Take one toxic out of the chain."""
        with self._named(proxy, name):
            self._api.delete(path("proxies", proxy, "toxics", name))

    def populate(self, proxies: Sequence[dict[str, Any]]) -> list[ProxyState]:
        """Make these proxies be there, in one request; the others stay.

        One that is there with the same listen and upstream is left alone, toxics and all; one that differs is
        replaced. Each entry: name, upstream, listen, enabled, and on our server toxics.
        """
        return understood(
            self._api.post("/populate", json=list(proxies)),
            self.url,
            lambda answer: [ProxyState.model_validate(one) for one in answer.json()["proxies"] or []],
        )

    def reset(self) -> None:
        """Enable every proxy and remove every toxic, whoever put it in."""
        self._api.post("/reset")

    def metrics(self) -> "list[Sample] | None":
        """What /metrics counts, as Prometheus samples (name, labels, value); None when the server has metrics off."""
        from prometheus_client.parser import text_string_to_metric_families

        try:
            answer = self._api.get("/metrics")
        except NoSuchRoute:
            return None
        return understood(
            answer,
            self.url,
            lambda it: [sample for family in text_string_to_metric_families(it.text) for sample in family.samples],
        )

    def _with_toxics(self, proxy: ProxyState, toxics: Sequence[dict[str, Any]]) -> ProxyState:
        try:
            for one in toxics:
                self.add_toxic(proxy.name, **one)
        except ExtError:
            self.delete(proxy.name)
            raise
        return self.proxy(proxy.name)

    def _change(self, where: str, wanted: dict[str, Any]) -> Answer:
        if self._can_patch:
            try:
                return self._api.patch(where, json=wanted)
            except NoSuchRoute:
                self._can_patch = False  # a server before 2.6 knows POST only
        return self._api.post(where, json=wanted)

    def _listed(self, name: str) -> ProxyState:
        """One that can be read in the list alone: the original server cannot be asked for a name with a slash."""
        listed = self.proxies()
        if name not in listed:
            raise ProxyNotFound(name)
        return listed[name]

    def _proxy(self, answer: Answer) -> ProxyState:
        return understood(answer, self.url, lambda it: ProxyState.model_validate(it.json()))

    def _toxic(self, answer: Answer) -> ToxicState:
        return understood(answer, self.url, lambda it: ToxicState.model_validate(it.json()))

    @contextmanager
    def _named(self, proxy: str, toxic: str = "", type: str = "") -> Iterator[None]:
        try:
            yield
        except ProxyError as error:
            names = {
                "proxies": lambda: list(self.proxies()),
                "toxics": lambda: [one.name for one in self.toxics(proxy)],
            }
            raise retold(error, Subject(self.url, proxy, toxic, type, **names)) from error


def _doubtful(toxics: Sequence[dict[str, Any]]) -> str:
    """Which type a server means that answers `invalid toxic type`: the first that we don't know either, else any."""
    from .arguments import known_types

    types = [one["type"] for one in toxics]
    return next((type for type in types if type not in known_types()), " or ".join(types))
