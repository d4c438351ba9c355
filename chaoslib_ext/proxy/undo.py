"""How what was done to a Toxiproxy is taken back: a closed list of operations on plain data.

Each knows three endings: done now, gone before, or an error. Gone before is as good as done: a toxic lives in the
memory of its server, so a server whose port refuses connections took it along, and so did one that has gone while
another answers on its port (`identity.py`). A server that *hangs* did not. Only the exact toxic of the record is
removed, and only if its name is one that we give (`cx-...`).
"""

from abc import ABC, abstractmethod
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from chaoslib_ext.errors import BadInput, ProxyNotFound, ServerGone, ToxicNotFound, UndoError

from . import hold
from .address import base_url
from .client import Client
from .identity import is_another
from .state import ProxyState, ToxicState

__all__ = [
    "OURS",
    "UNDOERS",
    "DeleteProxyArgs",
    "EnableProxyArgs",
    "ReleaseArgs",
    "RemoveNamedToxicArgs",
    "RemoveToxicArgs",
    "RestoreProxyArgs",
    "Undoer",
]

OURS = "cx-"
"""How the name of every toxic of ours begins: `cx-<run>-<kind>`."""

Outcome = Literal["undone", "already gone"]

_GONE = (ServerGone, ProxyNotFound, ToxicNotFound)


def _is_base(url: str) -> str:
    """http or https, a host, no user, no password: exactly as we write addresses down."""
    try:
        wanted = base_url(url)
    except BadInput as error:
        raise ValueError(str(error)) from None
    if wanted != url:
        raise ValueError(f"{url!r} is not how a server is written down")
    return url


class _Args(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    server: Annotated[str, AfterValidator(_is_base)]
    proxy: str
    identity: str | None = None
    """See `identity.identity_of`; None where the server has none, or in a record of before it was written."""


class RemoveNamedToxicArgs(_Args):
    """One toxic by its exact name: that somebody else's action put in, and that was not there before."""

    toxic: Annotated[str, Field(min_length=1)]


class RemoveToxicArgs(RemoveNamedToxicArgs):
    """One toxic of ours, by its exact name."""

    toxic: Annotated[str, Field(pattern=f"^{OURS}.+")]


class ReleaseArgs(_Args):
    """A run's hold on a proxy (`hold.py`)."""

    holder: str


class EnableProxyArgs(_Args):
    """A proxy that was taken down, with the addresses it had."""

    listen: str
    upstream: str


class RestoreProxyArgs(_Args):
    """A proxy as it was before an action of somebody else's changed it or took it away, with its toxics of then."""

    listen: str
    upstream: str
    enabled: bool
    toxics: tuple[ToxicState, ...] = ()


class DeleteProxyArgs(_Args):
    """A proxy that a run created."""


A = TypeVar("A", bound=_Args)


class Undoer(ABC, Generic[A]):
    """One operation. `undo` may be called any number of times; `verify` only reads."""

    args: type[A]

    def undo(self, args: dict[str, Any]) -> Outcome:
        """Take it back. Raises UndoError for unusable `args`, else one of the ProxyError family."""
        asked = self._asked(args)
        client = Client(asked.server)
        try:
            if asked.identity:
                client.version()  # who is it now?
            return "already gone" if is_another(client, asked.identity) else self._undo(client, asked)
        except _GONE:
            return "already gone"

    def verify(self, args: dict[str, Any]) -> bool:
        """Read back: True if no trace of the fault is left. Raises as `undo` does."""
        asked = self._asked(args)
        client = Client(asked.server)
        try:
            return self._is_clear(client, asked) or is_another(client, asked.identity)
        except _GONE:
            return True

    def subject(self, args: dict[str, Any]) -> str | None:
        """The proxy, if it is put back as a whole."""
        return None

    def _asked(self, args: dict[str, Any]) -> A:
        try:
            return self.args.model_validate(args)
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
            raise UndoError(f"the undo record {args!r} cannot be used, nothing was touched: {wrong}") from error

    @abstractmethod
    def _undo(self, client: Client, args: A) -> Outcome: ...

    @abstractmethod
    def _is_clear(self, client: Client, args: A) -> bool: ...


class RemoveNamedToxic(Undoer[RemoveNamedToxicArgs]):
    """Take off a proxy the one toxic that an action of somebody else's put there."""

    args = RemoveNamedToxicArgs

    def _undo(self, client: Client, args: RemoveNamedToxicArgs) -> Outcome:
        client.remove_toxic(args.proxy, args.toxic)
        return "undone"

    def _is_clear(self, client: Client, args: RemoveNamedToxicArgs) -> bool:
        return all(toxic.name != args.toxic for toxic in client.toxics(args.proxy))


class RemoveToxic(RemoveNamedToxic):
    """Take one of ours off a proxy; its name must say that it is."""

    args = RemoveToxicArgs


class Release(Undoer[ReleaseArgs]):
    """Give a proxy free for other runs. One that another run holds by now (ours was reset away) is that run's."""

    args = ReleaseArgs

    def _undo(self, client: Client, args: ReleaseArgs) -> Outcome:
        if self._is_clear(client, args):
            return "already gone"
        client.remove_toxic(args.proxy, hold.NAME)
        return "undone"

    def _is_clear(self, client: Client, args: ReleaseArgs) -> bool:
        held = hold.on(client.toxics(args.proxy))
        return held is None or held != hold.sign_of(args.holder)


class _OfProxy(Undoer[A]):
    """Puts a whole proxy back."""

    def subject(self, args: dict[str, Any]) -> str | None:
        """The proxy and its server."""
        asked = self._asked(args)
        return f"{asked.proxy} on {asked.server}"


class EnableProxy(_OfProxy[EnableProxyArgs]):
    """Let a proxy listen again.

    One that was replaced since (listen and upstream both others) is not ours to touch. Where only one differs nobody
    can tell whether it is still the proxy that we took down, so a person is asked.
    """

    args = EnableProxyArgs

    def _undo(self, client: Client, args: EnableProxyArgs) -> Outcome:
        now = client.proxy(args.proxy)
        if _is_clear(now, args):
            return "already gone"
        if (now.listen, now.upstream) != (args.listen, args.upstream):
            raise UndoError(
                f"proxy {args.proxy} on {args.server} is disabled, but leads {now.listen} -> {now.upstream} and not "
                f"{args.listen} -> {args.upstream} as when it was taken down; if it should listen, type the command"
            )
        client.update(args.proxy, enabled=True)
        return "undone"

    def _is_clear(self, client: Client, args: EnableProxyArgs) -> bool:
        return _is_clear(client.proxy(args.proxy), args)


class RestoreProxy(_OfProxy[RestoreProxyArgs]):
    """Make a proxy what it was: its addresses, whether it listens, and its toxics if it had been taken away."""

    args = RestoreProxyArgs

    def _undo(self, client: Client, args: RestoreProxyArgs) -> Outcome:
        now = client.proxies().get(args.proxy)
        if now is None:
            toxics = [one.as_json() for one in args.toxics]
            client.create(args.proxy, args.upstream, args.listen, args.enabled, toxics)
            return "undone"
        if _is_as_it_was(now, args):
            return "already gone"
        client.update(args.proxy, listen=args.listen, upstream=args.upstream, enabled=args.enabled)
        return "undone"

    def _is_clear(self, client: Client, args: RestoreProxyArgs) -> bool:
        return _is_as_it_was(client.proxies().get(args.proxy), args)


def _is_as_it_was(now: ProxyState | None, args: RestoreProxyArgs) -> bool:
    return now is not None and (now.listen, now.upstream, now.enabled) == (args.listen, args.upstream, args.enabled)


class DeleteProxy(_OfProxy[DeleteProxyArgs]):
    """Take a proxy away."""

    args = DeleteProxyArgs

    def _undo(self, client: Client, args: DeleteProxyArgs) -> Outcome:
        client.delete(args.proxy)
        return "undone"

    def _is_clear(self, client: Client, args: DeleteProxyArgs) -> bool:
        return args.proxy not in client.proxies()


def _is_clear(now: ProxyState, args: EnableProxyArgs) -> bool:
    return now.enabled or (now.listen != args.listen and now.upstream != args.upstream)


UNDOERS: dict[str, Undoer[Any]] = {
    "remove_toxic": RemoveToxic(),
    "enable_proxy": EnableProxy(),
    "delete_proxy": DeleteProxy(),
    "remove_named_toxic": RemoveNamedToxic(),
    "restore_proxy": RestoreProxy(),
    "release": Release(),
}
"""Every operation an undo record may name."""
