"""What a vendor may say of a build whose gate passed: a signed statement that anybody can check and judge.

An in-toto Statement v1 (https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md) in a DSSE
envelope (https://github.com/secure-systems-lab/dsse/blob/master/envelope.md).
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from hometruth.bounds import CONFIDENCE, rounded_up, together, upper_bound_percent
from hometruth.case import Signer
from hometruth.case.signing import fingerprint
from hometruth.errors import PolicyError
from hometruth.model import GapKind, Gated, Ruling, Standing
from hometruth.policy import unseen
from hometruth.policy.load import ANYBODY, SightLimits

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "urn:hometruth:gate-attestation:1"
PAYLOAD = "application/vnd.in-toto+json"


def attestation(gated: Gated, *, builds: Sequence[Path], by: str, at: datetime) -> dict[str, Any]:
    """The statement about *builds*.

    Args:
        gated: A gate that passed, with controls that its policy names. By the hashes of the files that it
            read anybody can judge it again.
        builds: Files that were tested, by their hashes.
        by: Whose audit it is.
        at: When it is made, UTC.

    Raises:
        PolicyError: The gate did not pass, or nothing bounds what its silence may hide.
    """
    _refuse(gated, builds, by)
    conditions = _bounds(gated)
    weakest = max(conditions, key=lambda each: each["percent"])
    n, percent = weakest["sessions"], weakest["percent"]
    where = "" if len(conditions) == 1 else f" under each of {len(conditions)} conditions"
    return {
        "_type": STATEMENT,
        "subject": list(map(_named, builds)),
        "predicateType": PREDICATE,
        "predicate": {
            "whose": f"{by}'s own audit of its own build; not a verdict of Hometruth, nor of anybody else",
            "by": by,
            "at": at.isoformat(timespec="seconds"),
            "tool": {"name": "hometruth", "version": version("hometruth")},
            "verdict": "CONSISTENT",
            "says": (
                f"CONSISTENT, at most {rounded_up(percent, 1):.1f} % of sessions{where} (95 % confidence, "
                f"{n} without a leak): no canary was seen to reach anybody but those listed, in what could "
                "be read"
            ),
            "in_no_request": list(gated.never_seen),
            "unnamed": [
                {"looks_like": each.kind, "recipient": each.recipient, "field": each.field}
                for each in gated.unnamed
                if each.ruling is not Ruling.OWN_HOST
            ],
            "claims": [_claim(gated, name) for name in gated.canaries],
            "conditions": conditions,
            "bound": {"percent": percent, "sessions": n, "confidence": CONFIDENCE},
            "controls": [{"canary": each.canary, "seen_at": list(each.seen_at)} for each in gated.controls],
            "coverage": gated.sight.as_json(),
            "inputs": {kind: list(map(_named, paths)) for kind, paths in gated.inputs.items()},
        },
    }


def _claim(gated: Gated, canary: str) -> dict[str, Any]:
    """Whom a canary was seen to reach, and whom it may have reached besides."""
    mine = [each for each in gated.transfers if each.canary == canary]
    reached = {each.recipient for each in mine if each.standing is Standing.FOUND}
    perhaps = {each.recipient for each in mine} - reached
    return {"canary": canary, "reached_only": sorted(reached), "perhaps": sorted(perhaps)}


def _bounds(gated: Gated) -> list[dict[str, Any]]:
    """For each condition how many sessions were silent, and what that leaves possible: of all at once."""
    told = []
    for condition in gated.sight.seen:
        # A recording that is there twice, under whatever name, is one session.
        n = len({_sha256(Path(path)) for path, under in gated.sessions.items() if under == condition})
        percent = upper_bound_percent(0, n, together(len(gated.sight.seen)))
        told.append({"under": condition.as_dict(), "sessions": n, "percent": rounded_up(percent, 3)})
    return told


def envelope(statement: Mapping[str, Any], signer: Signer) -> str:
    """The statement, signed, as JSON text."""
    payload = json.dumps(statement, sort_keys=True, ensure_ascii=False).encode()
    signature = signer.sign(pre_authentication_encoding(payload))
    document = {
        "payloadType": PAYLOAD,
        "payload": base64.b64encode(payload).decode(),
        "signatures": [
            {
                "keyid": fingerprint(signer.key.public_key()),
                "sig": base64.b64encode(signature).decode(),
            }
        ],
    }
    return json.dumps(document, indent=1) + "\n"


def pre_authentication_encoding(payload: bytes) -> bytes:
    """What is signed: ``DSSEv1``, and type and payload, each behind its length."""
    kind = PAYLOAD.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def _refuse(gated: Gated, builds: Sequence[Path], by: str) -> None:
    """Raise where the statement would say more than was seen."""
    never = gated.sight.gaps.get(GapKind.NEVER_RECORDED, 0)
    settled = (Ruling.ALLOWED, Ruling.OWN_HOST, Ruling.UNNAMED)
    unsettled = sum(each.ruling not in settled for each in gated.everything)
    looser = unseen(SightLimits(), gated.sight)
    deaf = [each for each in gated.sight.seen if each not in gated.sessions.values()]
    problem = next(
        (
            told
            for told, holds in (
                ("the gate did not pass", not gated.passed),
                (f"{unsettled} transfers are waived, known, weak or attempts", unsettled > 0),
                ("no build is named (--build FILE)", not builds),
                ("nobody is named whose audit it is (--by NAME)", not by.strip()),
                (
                    "the policy names no [[control]], or none for one condition",
                    not gated.policy or _any_control(gated),
                ),
                (
                    "its [limits] are looser than those that hold where a policy sets none, and are needed "
                    f"({', '.join(each.about or str(each.kind) for each in looser)})",
                    bool(looser),
                ),
                ("captures or canaries are no files, so that nobody can judge it again", _has_stream(gated)),
                (
                    "no capture shows every control, so that silence counts nothing "
                    f"(conditions: {'; '.join(map(str, deaf))})",
                    bool(deaf) or not gated.sessions,
                ),
                (
                    f"{never} of its recordings come from a recorder that never writes some things down, "
                    "which forbids CONSISTENT (`hometruth info` says what): record with `hometruth record`",
                    never > 0,
                ),
            )
            if holds
        ),
        None,
    )
    if problem:
        raise PolicyError(f"no attestation: {problem}")


def _has_stream(gated: Gated) -> bool:
    """True if something was read that its hash does not name."""
    return len(gated.inputs.get("captures", ())) < len(gated.captures) or "canaries" not in gated.inputs


def _any_control(gated: Gated) -> bool:
    """True if one of the controls is that which stands in where a policy names none."""
    return any((each.canary, each.to) == (ANYBODY, (ANYBODY,)) for each in gated.controls)


def _named(path: Path) -> dict[str, Any]:
    """A file as in-toto's ResourceDescriptor."""
    return {"name": path.name, "digest": {"sha256": _sha256(path)}}


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as err:
        raise PolicyError(f"{path}: cannot be read: {err.strerror}") from err
