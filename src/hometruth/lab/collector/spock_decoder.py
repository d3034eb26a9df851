"""A request of the system's own analytics -> the records in it. Shares no code with the phone's encoder."""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import Any

from hometruth.lab.collector.packing import Rejected, inflate, parse_json
from hometruth.lab.oem.declared import SPOCK_SECRET

TYPE = "spock"
NEEDED = ("value", "ts", "nonce", "sign")
DEFAULT_PACKAGE = "unknown"


def spock_events(form: Mapping[str, str]) -> tuple[str, list[dict[str, Any]]]:
    """The package that a request comes from, and its records in the form of the store.

    Raises:
        Rejected: If a field is missing, the signature is another one, or what is inside is not records.
    """
    missing = [name for name in NEEDED if name not in form]
    if missing:
        raise Rejected(f"tracking: {', '.join(missing)} not there")
    signed = f"{form['value']}{form['ts']}{form['nonce']}{SPOCK_SECRET}".encode("utf-8", "surrogatepass")
    if hashlib.md5(signed).hexdigest() != form["sign"]:
        raise Rejected("tracking: sign does not fit value, ts and nonce")
    try:
        data = base64.b64decode(form["value"], altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as err:
        raise Rejected(f"tracking: value is not base64: {err}") from err
    inside = parse_json(inflate(data) if form.get("gzip") == "1" else data)
    if not isinstance(inside, dict) or not isinstance(inside.get("H"), dict):
        raise Rejected("tracking: value has no header H")
    records = inside.get("B")
    if not isinstance(records, list):
        raise Rejected("tracking: value has no array B of records")
    project = inside["H"].get("p")
    kept = [_stored(index, record, inside["H"]) for index, record in enumerate(records)]
    return project if isinstance(project, str) else DEFAULT_PACKAGE, kept


def _stored(index: int, record: Any, header: Mapping[str, Any]) -> dict[str, Any]:
    if (
        not isinstance(record, dict)
        or not isinstance(record.get("B"), dict)
        or not isinstance(record.get("H"), dict)
        or not isinstance(record["H"].get("k"), str)
    ):
        raise Rejected(f"tracking: record {index} has no H with k, or no B")
    return {
        "type": TYPE,
        "event": record["H"]["k"],
        "time": record["H"].get("st"),
        "properties": record["B"],
        "header": dict(header),
    }
