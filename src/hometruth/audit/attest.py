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

from hometruth.case import Signer
from hometruth.case.signing import fingerprint
from hometruth.errors import PolicyError
from hometruth.model import GapKind, Gated, Ruling

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "urn:hometruth:gate-attestation:1"
PAYLOAD = "application/vnd.in-toto+json"
CONFIDENCE = 0.95


def attestation(
    gated: Gated,
    *,
    builds: Sequence[Path],
    by: str,
    inputs: Mapping[str, Sequence[Path]],
    at: datetime,
) -> dict[str, Any]:
    """The statement about *builds*.

    Args:
        gated: A gate that passed, with controls that its policy names.
        builds: Files that were tested, by their hashes.
        by: Whose audit it is.
        inputs: ``captures``, ``canaries`` and ``policy``, by whose hashes anybody can judge it again.
        at: When it is made, UTC.

    Raises:
        PolicyError: The gate did not pass, or nothing bounds what its silence may hide.
    """
    _refuse(gated, builds, by)
    n = len(gated.sessions)
    percent = 100 * (1 - (1 - CONFIDENCE) ** (1 / n))
    conditions = [condition.as_dict() for condition in gated.conditions]
    allowed = sorted({(each.canary, each.recipient) for each in gated.ruled(Ruling.ALLOWED, Ruling.OWN_HOST)})
    return {
        "_type": STATEMENT,
        "subject": [{"name": each.name, "digest": {"sha256": _sha256(each)}} for each in builds],
        "predicateType": PREDICATE,
        "predicate": {
            "whose": f"{by}'s own audit of its own build; not a verdict of Hometruth, nor of anybody else",
            "by": by,
            "at": at.isoformat(timespec="seconds"),
            "tool": {"name": "hometruth", "version": version("hometruth")},
            "verdict": "CONSISTENT",
            "says": (
                f"CONSISTENT, at most {percent:.1f} % of sessions (95 % confidence, {n} without a leak): "
                "no canary reached anybody but those listed, in what could be read"
            ),
            "claims": [
                {
                    "canary": name,
                    "reached_only": [host for canary, host in allowed if canary == name],
                }
                for name in gated.canaries
            ],
            "conditions": conditions,
            "bound": {"percent": round(percent, 3), "sessions": n, "confidence": CONFIDENCE},
            "controls": [{"canary": each.canary, "seen_at": list(each.seen_at)} for each in gated.controls],
            "coverage": gated.as_json()["coverage"],
            "inputs": {
                kind: [{"name": each.name, "digest": {"sha256": _sha256(each)}} for each in files]
                for kind, files in inputs.items()
            },
        },
    }


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
    never = gated.gaps.get(str(GapKind.NEVER_RECORDED), 0)
    problem = next(
        (
            told
            for told, holds in (
                ("the gate did not pass", not gated.passed),
                (f"{_unsettled(gated)} transfers are waived, known, weak or attempts", _unsettled(gated) > 0),
                ("no build is named (--build FILE)", not builds),
                ("nobody is named whose audit it is (--by NAME)", not by.strip()),
                ("the policy names no [[control]]", not gated.policy or _any_control(gated)),
                ("no capture shows every control: silence in none of them counts", not gated.sessions),
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


def _unsettled(gated: Gated) -> int:
    """Transfers that nothing allows, though the gate passed."""
    return len(gated.transfers) - len(gated.ruled(Ruling.ALLOWED, Ruling.OWN_HOST))


def _any_control(gated: Gated) -> bool:
    """True if the only control is the one that stands in where a policy names none."""
    return [(each.canary, each.to) for each in gated.controls] == [("*", ("*",))]


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as err:
        raise PolicyError(f"{path}: cannot be read: {err.strerror}") from err
