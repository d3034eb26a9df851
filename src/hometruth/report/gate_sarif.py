"""A gate as SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html"""

import json
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hometruth.model import Gated, Obstacle, ObstacleKind, Ruling, SentField, Standing, Transfer, Unnamed
from hometruth.report.catalogue import _
from hometruth.report.gate_text import headline, line_of_transfer, line_of_unnamed, sentence
from hometruth.report.text import escape_terminal

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
RULE_OF = {
    Standing.FOUND: "canary-leaked",
    Standing.ATTEMPT: "canary-tried",
    Standing.WEAK: "canary-perhaps",
}
"""What a result says is what was observed, whatever the policy makes of it."""
RULES = {
    "canary-leaked": _("A planted value was sent to somebody who may not get it."),
    "canary-tried": _("It was tried to send a planted value to somebody who may not get it."),
    "canary-perhaps": _("What somebody who may not get it was sent, or was to be, may be a planted value."),
    "unnamed-sent": _("What looks personal, and nobody named, was sent to somebody else."),
    "gate-empty": _("Less was recorded than the policy asks for."),
    "gate-unreadable": _("A recording could not be read."),
    "gate-opaque": _("More of what was sent could not be read than the policy takes."),
    "gate-gaps": _("There are more gaps of one kind than the policy takes."),
    "gate-no-control": _("Nothing shows that a leak would have been seen."),
    "gate-expired": _("A waiver is over, and still in the policy."),
    "gate-attempt": _("It was tried to send what nothing allows, and nobody saw whether it arrived."),
    "gate-weak": _("What nothing allows was seen, by evidence that may be chance."),
    "gate-unnamed": _(
        "What looks personal, that nobody named and nothing allows, was sent to somebody else."
    ),
    "gate-phantom": _("A value that was never planted was found: no result can be trusted."),
}
HELP = _(
    "The message says what was seen, and what to do. Stop sending it, allow it in the policy with a reason, "
    "or waive it for a while; what a policy can say is in docs/reference/policy.md of Hometruth."
)
LEVELS = {
    Ruling.LEAK: "error",
    Ruling.IN_BASELINE: "error",
    Ruling.WAIVED: "error",
    Ruling.ATTEMPT: "warning",
    Ruling.WEAK: "warning",
    Ruling.UNNAMED: "warning",
}
"""Of what is reported; what is allowed is no result."""
FINGERPRINT = "hometruthTransfer/v1"


def gate_sarif(gated: Gated) -> str:
    """One run. A result has a region where the capture is a text, and recipient and field as its logical
    location; what is waived is suppressed, and what the baseline knows is unchanged."""
    results = [_leak(each, gated) for each in gated.transfers if each.ruling in LEVELS]
    results += [_unnamed(each, gated) for each in gated.unnamed if each.ruling in LEVELS]
    results += [_obstacle(each, gated) for each in gated.obstacles]
    run = {
        "tool": {
            "driver": {
                "name": "Hometruth",
                "version": version("hometruth"),
                "rules": [_rule(*each) for each in RULES.items()],
            }
        },
        "invocations": [
            {
                "executionSuccessful": not any(
                    each.kind in (ObstacleKind.UNREADABLE, ObstacleKind.PHANTOM) for each in gated.obstacles
                ),
                "exitCodeDescription": headline(gated),
            }
        ],
        "artifacts": [
            {"location": {"uri": _uri(each)}, "roles": ["analysisTarget"]} for each in gated.captures
        ],
        "columnKind": "unicodeCodePoints",
        "results": results,
        "properties": {"coverage": gated.sight.as_json()},
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _rule(name: str, text: str) -> dict[str, Any]:
    """All that GitHub's code scanning asks of a rule."""
    return {
        "id": name,
        "name": name.title().replace("-", ""),
        "shortDescription": {"text": text},
        "fullDescription": {"text": text},
        "help": {"text": HELP},
        "defaultConfiguration": {"level": "error"},
    }


def _leak(transfer: Transfer, gated: Gated) -> dict[str, Any]:
    told = {"canary": transfer.canary, "form": transfer.form}
    return _result(transfer, RULE_OF[transfer.standing], line_of_transfer(transfer), told, gated)


def _unnamed(unnamed: Unnamed, gated: Gated) -> dict[str, Any]:
    told = {
        "looksLike": unnamed.kind,
        "category": unnamed.kind.category,
        "clues": list(unnamed.clues),
        "party": unnamed.party,
    }
    return _result(unnamed, "unnamed-sent", line_of_unnamed(unnamed), told, gated)


def _result(
    sent: SentField, rule: str, message: str, told: Mapping[str, object], gated: Gated
) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(sent.capture)}}
    if sent.line is not None:
        physical["region"] = {"startLine": sent.line}
    result: dict[str, Any] = {
        "ruleId": rule,
        "level": LEVELS[sent.ruling],
        "message": {"text": message},
        "locations": [{"physicalLocation": physical, "logicalLocations": list(_logical(sent))}],
        "partialFingerprints": {FINGERPRINT: sent.fingerprint},
        "occurrenceCount": sent.times,
        "properties": {
            **told,
            "recipient": sent.recipient,
            "chain": list(sent.chain),
            "entry": sent.entry,
            "condition": sent.condition.as_dict(),
        },
    }
    if gated.baseline:
        result["baselineState"] = "unchanged" if sent.ruling is Ruling.IN_BASELINE else "new"
    if sent.ruling is Ruling.WAIVED:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": sent.why}]
    return result


def _logical(transfer: SentField) -> Iterator[dict[str, str]]:
    recipient = escape_terminal(transfer.recipient)
    yield {"name": recipient, "kind": "recipient", "fullyQualifiedName": recipient}
    told = escape_terminal(transfer.field) or _("any request")
    yield {"name": told, "kind": "member", "fullyQualifiedName": f"{recipient}/{told}"}


def _obstacle(obstacle: Obstacle, gated: Gated) -> dict[str, Any]:
    rule = f"gate-{obstacle.kind.replace(' ', '-')}"
    result: dict[str, Any] = {
        "ruleId": rule,
        "level": "error",
        "message": {"text": sentence(obstacle)},
        "partialFingerprints": {FINGERPRINT: f"{rule}/{escape_terminal(obstacle.about)}"},
    }
    about = (
        obstacle.about
        if obstacle.kind is ObstacleKind.UNREADABLE
        else next(iter(gated.captures), gated.policy)
    )
    if about:
        result["locations"] = [{"physicalLocation": {"artifactLocation": {"uri": _uri(about)}}}]
    if gated.baseline:
        result["baselineState"] = "new"
    return result


def _uri(path: str) -> str:
    """Relative to where the gate ran, if it lies below; a member of an archive is part of the path."""
    given = Path(path)
    if given.is_absolute() and given.is_relative_to(Path.cwd()):
        given = given.relative_to(Path.cwd())
    return quote(given.as_posix()) if not given.is_absolute() else given.as_uri()
