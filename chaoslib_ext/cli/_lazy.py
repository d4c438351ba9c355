"""A command that is known by name and one line of help, and imported when somebody types it."""

from collections.abc import MutableMapping
from importlib import import_module
from typing import Any

import click

__all__ = ["LazyCommand"]


class LazyCommand(click.Command):
    """Stands in the host's list for the command `attr` of `module`; nothing of ours is imported before use."""

    def __init__(self, name: str, module: str, attr: str, short_help: str) -> None:
        super().__init__(name, short_help=short_help, help=short_help, add_help_option=False)
        self.module, self.attr = module, attr

    def real(self) -> click.Command:
        """The command itself. Raises click.ClickException when its module or a part it needs is not installed."""
        try:
            return getattr(import_module(self.module), self.attr)  # type: ignore[no-any-return]
        except ModuleNotFoundError as error:
            raise click.ClickException(self._says(error)) from error

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """The real command's context: from here on click deals with that one, its help and completion included."""
        try:
            return self.real().make_context(info_name, args, parent, **extra)
        except click.ClickException:
            if not extra.get("resilient_parsing"):
                raise
            return super().make_context(info_name, [], parent, **extra)  # the shell asks: nothing to complete

    def to_info_dict(self, ctx: click.Context) -> MutableMapping[str, Any]:  # type: ignore[override]
        """What documentation tools ask."""
        return self.real().to_info_dict(ctx)

    def _says(self, error: ModuleNotFoundError) -> str:
        if error.name == self.module:
            return f"chaos {self.name}: this build of chaostoolkit-ext has no {self.module}; install it again"
        return (
            f"chaos {self.name}: the Python module {error.name!r} is not installed; "
            "pip install 'chaostoolkit-ext[all]' brings all that any command needs"
        )
