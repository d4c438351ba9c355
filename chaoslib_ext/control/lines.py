"""On which line of an experiment's file something stands, read as the host reads it (PyYAML, YAML 1.1)."""

from pathlib import Path
from typing import Any

__all__ = ["line_of"]


def line_of(source: str | None, path: tuple[Any, ...]) -> int | None:
    """The line, from 1, of the value at that path (`("method", 0)`); None when the file cannot tell."""
    import yaml

    try:
        node = yaml.compose(Path(source).read_text(encoding="utf-8"), Loader=yaml.SafeLoader) if source else None
        for step in path:
            node = _below(node, step)
        node = _below(_below(node, "provider"), "func") or node
    except (OSError, ValueError, yaml.YAMLError, RecursionError):
        return None
    return node.start_mark.line + 1 if node is not None else None


def _below(node: Any, step: Any) -> Any:
    if node is None or not isinstance(node.value, list):
        return None
    if isinstance(step, int):
        return node.value[step] if step < len(node.value) else None
    return next((value for key, value in node.value if key.value == step), None) if _is_mapping(node) else None


def _is_mapping(node: Any) -> bool:
    return bool(node.id == "mapping")
