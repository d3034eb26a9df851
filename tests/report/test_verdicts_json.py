import json
from dataclasses import replace
from pathlib import Path

from hometruth.model import Audit
from hometruth.report.verdicts_json import verdict_rows, write_verdicts

KEYS = [
    *("format", "claim", "proposition", "reading", "condition", "verdict", "bound_percent", "findings"),
    *("trials", "subject_kind", "in_scope", "why", "reasons", "effects", "bounds", "explanation"),
]


def test_a_row_has_exactly_the_documented_keys_in_order(audit: Audit) -> None:
    rows = verdict_rows(audit)

    assert all(list(row) == KEYS for row in rows)
    assert rows[3]["condition"] == {
        "version": "3.4.0",
        "mode": "incognito",
        "switch": "absent",
        "consent": "given",
    }
    assert rows[0]["condition"] == {}
    assert (rows[0]["reading"], rows[0]["verdict"], rows[0]["bound_percent"]) == (
        "ordinary",
        "CONTRADICTED",
        None,
    )


def test_the_file_holds_the_rows_and_is_the_same_every_time(audit: Audit, tmp_path: Path) -> None:
    write_verdicts(audit, tmp_path / "one.json")
    write_verdicts(audit, tmp_path / "two.json")
    written = (tmp_path / "one.json").read_bytes()

    assert written == (tmp_path / "two.json").read_bytes()
    assert written.startswith(b'[\n {\n  "format": 2,\n  "claim": "x02",') and written.endswith(b"\n]\n")
    assert json.loads(written) == verdict_rows(audit)


def test_quoted_traffic_that_is_not_unicode_survives(audit: Audit, tmp_path: Path) -> None:
    hostile = replace(audit.verdicts[0], why='got \ud800 and "\x00" from it, ünïcode')
    write_verdicts(replace(audit, verdicts=(hostile,)), tmp_path / "v.json")

    assert json.loads((tmp_path / "v.json").read_text("utf-8"))[0]["why"] == hostile.why
