"""The JSON Schemas of what commands print for programs, made of the types in `model/outputs.py`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from hometruth.model import outputs

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REF = "#/$defs/{name}"


@dataclass(frozen=True, slots=True)
class MachineOutput:
    """One document that commands print, or the lines that they print."""

    types: tuple[Any, ...]
    """One, or as many as there are kinds of lines."""
    title: str
    options: tuple[str, ...]
    """Command and option that print it, as ``judge --json``."""


_JUDGING = tuple(f"{name} --json" for name in ("judge", "run", "demo", "audit", "case new"))
_CONTACTS_LINES = (outputs.KnownFieldJson, outputs.ContactedLineJson, outputs.AskedLineJson)
_SCAN_LINES = (outputs.FindingJson, outputs.KnownToReceiverJson, outputs.SummaryLineJson)
_WATCH_LINES = (outputs.LeftJson, outputs.DoneJson, outputs.WatchGapJson)
OUTPUTS: Final[Mapping[str, MachineOutput]] = {
    name: MachineOutput(types if isinstance(types, tuple) else (types,), title, options)
    for name, types, title, options in (
        ("canaries", outputs.CanaryJson, "One line of a file of canaries", ("plant --json",)),
        (
            *("claims-check", list[outputs.CheckedJson], "Whether files of claims are well formed"),
            ("claims check --json",),
        ),
        ("comparison", outputs.ComparisonJson, "What differs between two recordings", ("compare --json",)),
        ("contacts", outputs.ContactsJson, "Who was sent what", ("scan --json",)),
        ("contacts-line", _CONTACTS_LINES, "Who was sent what, line by line", ("scan --jsonl",)),
        ("digests", outputs.DigestsJson, "Digests of the tester's own values", ("digests --json",)),
        ("events", outputs.ReceivedEvent, "One event that a collector keeps", ("lab events --jsonl",)),
        ("export", outputs.WrittenTableJson, "What was written into a table", ("export --json",)),
        ("fleet", outputs.FleetJson, "What a scan of many recordings comes to", ("fleet --json",)),
        ("gate", outputs.GateJson, "What `hometruth gate --json` prints", ("gate --json",)),
        ("identifiers", outputs.IdentifiedJson, "Identifiers, and what they join", ("identify --json",)),
        ("info", outputs.InfoJson, "What one recording holds, on one line", ("info --json",)),
        ("metadata", outputs.MetadataJson, "Whom attributes single out", ("metadata --json",)),
        ("peeled", outputs.PeeledJson, "The layers of one value", ("peel --json",)),
        ("relink", outputs.RelinkJson, "How often halves of a life are put together", ("relink --json",)),
        ("scan", outputs.ScanJson, "Where canaries were found", ("scan --json",)),
        ("scan-line", _SCAN_LINES, "Where canaries were found, line by line", ("scan --jsonl",)),
        ("twin", outputs.TwinJson, "What redacting a recording did", ("redact --json",)),
        ("twin-case", outputs.CaseTwinJson, "What redacting a case did", ("redact --json",)),
        ("unicity", outputs.UnicityJson, "Whom a few points single out", ("unicity --json",)),
        ("verdicts", list[outputs.VerdictJson], "Verdicts, as `verdicts.json` of a case", _JUDGING),
        ("verified", outputs.VerifiedJson, "Whether a case is unbroken", ("verify --json",)),
        ("watched-line", _WATCH_LINES, "What was done and what left", ("watch --jsonl",)),
    )
}
"""By the name of the schema."""


def schema_of(name: str) -> dict[str, Any]:
    """The JSON Schema of one output, in whose objects there is nothing that it does not name."""
    output = OUTPUTS[name]
    schemas, components = msgspec.json.schema_components(output.types, ref_template=_REF)
    schema = schemas[0] if len(schemas) == 1 else {"anyOf": list(schemas)}
    head = {
        "$schema": DIALECT,
        "$id": f"urn:hometruth:{name}:1",
        "title": output.title,
        "description": f"Printed by {', '.join(f'`hometruth {each}`' for each in output.options)}.",
    }
    closed: dict[str, Any] = _closed(head | schema | {"$defs": components})
    return closed


def _closed(schema: Any) -> Any:
    """The schema, in which objects with named fields have no others."""
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: _closed(each) for name, each in schema.items()}
    is_object = schema.get("type") == "object" and "properties" in schema
    return {"additionalProperties": False} | inner if is_object else inner
