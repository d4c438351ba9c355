"""A reason as people type it: one line of text, whatever the bytes were."""

import click

__all__ = ["WHY"]


class _Why(click.ParamType[str]):
    name = "text"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """On one line. A byte that is no UTF-8 (an old terminal's umlaut) keeps nobody from freezing."""
        line = " ".join(value.encode("utf-8", "replace").decode().split())
        return line or self.fail("say why, for those who read it.", param, ctx)


WHY = _Why()
