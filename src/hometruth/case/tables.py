"""Findings, identifiers and coverage as Parquet: for DuckDB, pandas, polars."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from hometruth.model import Audit, Condition, Effect, Finding


def write_tables(audit: Audit, folder: Path) -> None:
    """Write ``findings.parquet``, ``identifiers.parquet`` and ``coverage.parquet``; ``effects.parquet``
    where sessions were run in pairs, ``names.parquet`` where names were asked of a resolver."""
    _write(folder / "findings.parquet", [row for finding in audit.findings for row in _sightings(finding)])
    if audit.effects:
        _write(folder / "effects.parquet", [_effect(effect, audit) for effect in audit.effects])
    if audit.names:
        _write(folder / "names.parquet", [name.as_json() for name in audit.names])
    _write(
        folder / "identifiers.parquet",
        [
            {
                "value": item.value,
                "kind": item.kind,
                "field": item.field,
                "recipient": item.recipient,
                "trials": list(item.trials),
                "source": item.source,
            }
            for item in audit.identifiers
        ],
    )
    _write(
        folder / "coverage.parquet",
        [
            {
                "recipient": row.host,
                **_levels(row.condition, audit),
                "exchanges": row.exchanges,
                "read_bytes": row.read_bytes,
                "opaque_bytes": row.opaque_bytes,
                "dropped": row.dropped,
                "never_seen": row.never_seen,
                "passed": row.passed,
                "passed_received_bytes": row.passed_received_bytes,
            }
            for row in audit.coverage
        ],
    )


def _sightings(finding: Finding) -> list[dict[str, object]]:
    return [
        {
            "canary": finding.canary.id,
            "kind": finding.canary.kind.value,
            "value": finding.canary.value,
            "recipient": finding.recipient.host,
            "organisation": finding.recipient.organisation,
            "sdk": finding.recipient.sdk,
            "condition": str(finding.condition),
            "expected": finding.expected,
            "exchange": sighting.exchange.id,
            "trial": sighting.canary.cell or sighting.exchange.trial,
            "part": sighting.value.part.value,
            "path": sighting.value.path,
            "chain": list(sighting.value.chain),
            "form": sighting.form.name,
            "evidence_bits": sighting.evidence_bits,
            "delivered": finding.delivered.value,
            "initiator": finding.initiator.kind.value,
            "initiator_evidence": finding.initiator.evidence,
        }
        for sighting in finding.sightings
    ]


def _effect(effect: Effect, audit: Audit) -> dict[str, object]:
    return {
        "endpoint": effect.endpoint,
        "vendor": effect.vendor,
        **_levels(effect.condition, audit),
        "rung": effect.rung.value,
        "pairs": effect.pairs,
        "wins": effect.wins,
        "untied": effect.untied,
        "e_value": effect.e_value,
        "threshold": effect.threshold,
        "barcode_p": effect.barcode_p,
        "barcode_level": effect.barcode_level,
        "content_e_value": effect.content_e_value,
        "content_follow_p": effect.content_follow_p,
        "sessions": effect.sessions,
        **{f"room_{room.leak.replace(' ', '_')}": room.trials_with_room for room in effect.room},
        **{f"bound_percent_{room.leak.replace(' ', '_')}": room.bound_percent for room in effect.room},
    }


def _levels(condition: Condition, audit: Audit) -> dict[str, str | None]:
    """One column per factor, so that people can group by it."""
    factors = dict.fromkeys(factor for trial in audit.trials for factor, _ in trial.condition.levels)
    return {factor: condition.get(factor) for factor in factors}


def _write(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    import pyarrow as pa  # noqa: PLC0415 - heavy, and only runs write tables
    import pyarrow.parquet as pq  # noqa: PLC0415

    pq.write_table(pa.Table.from_pylist(list(rows)), path)
