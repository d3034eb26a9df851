"""What `hometruth identify --json` prints for programs."""

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from hometruth.model.identified import Code, Identified, Rotation, Undecided
from hometruth.model.identifier import Documented, Kept, Lifetime
from hometruth.report.identified import limits, tell_links
from hometruth.report.identifier_words import describe, tell, tell_open_tie

if TYPE_CHECKING:
    from hometruth.model.outputs import (
        CodeJson,
        DocumentedJson,
        IdentifiedJson,
        KeptJson,
        LifetimeJson,
        RotationJson,
        UndecidedJson,
    )


def identified_json(found: Identified, show: Callable[[str], str]) -> str:
    """The answer as JSON text."""
    document: IdentifiedJson = {
        "comparison": found.comparison,
        "records": found.n_records,
        "sessions": [
            {"id": item.id, "device": item.device, "phase": item.phase, "day": item.day}
            for item in found.sessions
        ],
        "identifiers": [_code(code, found.rotations.get(code), show) for code in found.codes],
        "undecided": [_undecided(group, show) for group in found.undecided],
        "open_ties": [
            {
                "in_both_windows": tie.is_in_both_windows,
                "receivers": list(tie.receivers),
                "text": tell_open_tie(tie, show),
            }
            for tie in found.open_ties
        ],
        "sent_once": found.sent_once,
        "links": [
            {
                "kind": link.kind,
                "between": list(link.between),
                "receivers": list(link.receivers),
                "devices": link.n_devices,
                "certain": link.is_certain,
                "exchange": link.exchange or None,
                "text": tell_links([link])[0],
            }
            for link in found.links
        ],
        "joined": [sorted(session.id for session in group) for group in found.joined],
        "unread": {
            "opaque_bytes": dict(found.unread.opaque_bytes),
            "dropped_bodies": dict(found.unread.dropped_bodies),
            "never_seen": dict(found.unread.never_seen),
            "long_values": found.unread.long_values,
            "other_gaps": found.unread.other_gaps,
        },
        "limits": limits(found),
    }
    return json.dumps(document, indent=1)


def _code(code: Code, rotated: Rotation | None, show: Callable[[str], str]) -> "CodeJson":
    return {
        "kind": code.kind,
        "certain": code.is_certain,
        "known": [{"name": item.name, "form": item.form} for item in code.known],
        "kind_known_from": code.basis,
        "documented": _documented(code.meaning),
        "not_the_devices": code.is_not_the_devices,
        "sent_once": code.is_sent_once,
        "receivers": list(code.receivers),
        "hosts": list(code.hosts),
        "apps": list(code.apps),
        "values": [show(token) for token in sorted(code.tokens)],
        "devices": list(code.devices),
        "places": [
            {
                "app": item.place.app,
                "host": item.place.host,
                "path": item.place.path,
                "kind": item.kind,
                "kind_known_from": item.basis,
                "lifetime": _lifetime(item.lifetime),
                "sessions": [session.id for session in item.sessions],
                "evidence": list(item.evidence),
            }
            for item in code.found
        ],
        "lifetime": _lifetime(code.lifetime),
        "rotation": None if rotated is None else _rotation(rotated),
        "text": describe(code, show),
    }


def _rotation(rotated: Rotation) -> "RotationJson":
    return {
        "promised_days": rotated.promised_days,
        "days": list(rotated.days),
        "longest_gap_days": rotated.longest_gap_days,
        "oldest_days": rotated.oldest_days,
        "asked": rotated.is_asked,
        "outlives": rotated.outlives,
        "renewed_after_gap": rotated.renewed_after_gap,
    }


def _undecided(group: Sequence[Undecided], show: Callable[[str], str]) -> "UndecidedJson":
    first = group[0]
    return {
        "reason": first.reason,
        "open": first.is_open,
        "documented": _documented(first.meaning),
        "hint": None if first.hint is None else {"says": first.hint.says, "source": first.hint.source},
        "receivers": sorted({item.receiver for item in group}),
        "hosts": sorted({item.place.host for item in group}),
        "values": [show(token) for token in sorted(frozenset().union(*(item.tokens for item in group)))],
        "places": [
            {
                "app": item.place.app,
                "host": item.place.host,
                "path": item.place.path,
                "sessions": [session.id for session in item.sessions],
                "evidence": list(item.evidence),
            }
            for item in group
        ],
        "text": tell(group, show),
    }


def _documented(meaning: Documented | None) -> "DocumentedJson | None":
    if meaning is None:
        return None
    return {"names": meaning.names, "says": meaning.says, "source": meaning.source}


def _lifetime(lifetime: Lifetime) -> "LifetimeJson":
    return {
        "ends_with": lifetime.ends_with,
        "survived": {phase: _kept(kept) for phase, kept in lifetime.survived},
        "incognito": _kept(lifetime.incognito),
        "between_incognito": _kept(lifetime.between_incognito),
    }


def _kept(kept: Kept) -> "KeptJson":
    return {"kept": kept.kept, "asked": kept.asked}
