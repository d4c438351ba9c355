"""SARIF 2.1.0, which code hosts and editors show beside the line: the small part of it that findings need.

Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0, sections 3.13 to 3.52.
"""

import os
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any, Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from chaoslib_ext import __version__

from .finding import Finding, Rule
from .rules import rules
from .tree import pointer

__all__ = ["sarif"]

Level = Literal["error", "warning", "note"]


class _Sarif(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)


class Message(_Sarif):
    """Words for people."""

    text: str


class Configuration(_Sarif):
    """How bad a rule is, unless a result says otherwise."""

    level: Level


class ReportingDescriptor(_Sarif):
    """A rule."""

    id: str
    short_description: Message
    full_description: Message
    help: Message
    default_configuration: Configuration


class Region(_Sarif):
    """A place in the text, both from 1."""

    start_line: int
    start_column: int


class ArtifactLocation(_Sarif):
    """A file."""

    uri: str


class PhysicalLocation(_Sarif):
    """A place in a file."""

    artifact_location: ArtifactLocation
    region: Region


class LogicalLocation(_Sarif):
    """A place in what the file says."""

    fully_qualified_name: str


class Location(_Sarif):
    """Where a result is."""

    physical_location: PhysicalLocation
    logical_locations: tuple[LogicalLocation, ...]


class Result(_Sarif):
    """One finding."""

    rule_id: str
    rule_index: int
    level: Level
    message: Message
    locations: tuple[Location, ...]
    properties: dict[str, str]


class Driver(_Sarif):
    """Who found it."""

    name: str = "chaos lint"
    version: str = __version__
    rules: tuple[ReportingDescriptor, ...]


class Tool(_Sarif):
    """Who found it, and with what."""

    driver: Driver


class Run(_Sarif):
    """One call of `chaos lint`."""

    tool: Tool
    results: tuple[Result, ...]
    column_kind: Literal["unicodeCodePoints"] = "unicodeCodePoints"


def sarif(findings: Sequence[Finding]) -> dict[str, Any]:
    """The whole log, as plain data."""
    known = rules()
    places = {rule.id: number for number, rule in enumerate(known)}
    driver = Driver(rules=tuple(_descriptor(rule) for rule in known))
    run = Run(tool=Tool(driver=driver), results=tuple(_result(one, places) for one in findings))
    return {
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [run.model_dump(by_alias=True)],
    }


def _descriptor(rule: Rule) -> ReportingDescriptor:
    return ReportingDescriptor(
        id=rule.id,
        short_description=Message(text=rule.what),
        full_description=Message(text=rule.why),
        help=Message(text=rule.cure),
        default_configuration=Configuration(level=rule.severity.value),
    )


def _result(finding: Finding, places: dict[str, int]) -> Result:
    hit = finding.hit
    file = ArtifactLocation(uri=_uri(finding.file))
    region = Region(start_line=finding.place.line, start_column=finding.place.column)
    return Result(
        rule_id=hit.rule.id,
        rule_index=places[hit.rule.id],
        level=hit.severity.value,
        message=Message(text=f"{hit.says}. {hit.cure}"),
        locations=(
            Location(
                physical_location=PhysicalLocation(artifact_location=file, region=region),
                logical_locations=(LogicalLocation(fully_qualified_name=pointer(hit.path)),),
            ),
        ),
        properties={"concern": hit.rule.concern.value},
    )


def _uri(file: str) -> str:
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(os.fsencode(path.as_posix()))
