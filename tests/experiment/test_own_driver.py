"""A driver is one file and one line: its actions and options are known to plans, and it is run and judged."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from hometruth.capture import read_capture, read_connections
from hometruth.capture.proxy.kept_authority import keep_authority
from hometruth.errors import PlanError
from hometruth.experiment import drivers, parse_plan
from hometruth.model import Canary, Exchange, GapKind, TrialStatus
from hometruth.run import run
from tests.experiment import own_driver
from tests.experiment.own_driver import PARROT, Options, Parrot

PLAN = """
[plan]
id = "parrot"
title = "what a parrot says"
window = "one word"
claims = "claims.toml"
phantoms = 3

[subject]
driver = "parrot"
kind = "real"
name = "parrot"
vendor = "Xiaomi"
product = "Parrot"
device = "cage"

[subject.options]
says = "hello"

[[series]]
id = "words"
actions = ["squawk"]

[[series.cell]]
levels = { mode = ["loud"] }
"""
CLAIMS = """
[[claim]]
id = "quiet"
side = "vendor"
who = "A parrot's owner"
date = "2020-05-05"
statement = "It tells nobody."
source = ["https://vendor.example/help"]
scope = {}

[[claim.reading]]
kind = "ordinary"
wording = "summarised"
note = "No word."

[[claim.reading.proposition]]
id = "quiet.words"
kind = "absent"
says = "no word reaches the vendor"
where = { mode = ["loud"] }
options = { kinds = ["search"], control = { mode = ["loud"] } }
"""


@pytest.fixture(autouse=True)
def with_parrot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(drivers.DRIVERS, "parrot", PARROT)  # the one line


def test_it_is_forty_lines_at_most_with_an_option_of_its_own() -> None:
    assert len(Path(own_driver.__file__).read_text().splitlines()) <= 40
    assert PARROT.options is Options


def test_its_plan_is_run_and_judged(tmp_path: Path) -> None:
    (tmp_path / "claims.toml").write_text(CLAIMS)
    plan = parse_plan(PLAN, "plan", folder=tmp_path)
    assert plan.options == Options(says="hello")

    audit = run(plan, tmp_path / "case")

    (sent,) = [
        item for item in read_capture(tmp_path / "case" / "traffic.mitm") if isinstance(item, Exchange)
    ]
    assert sent.target.startswith(b"/sa?said=hello&word=")
    assert {str(row.verdict) for row in audit.verdicts} == {"CONTRADICTED"}


class Early(Parrot):
    """Talks before the plan is sealed."""

    def connect(self, proxy_url: str, ca_file: Path) -> tuple[Canary, ...]:
        httpx.get("http://sa.api.intl.miui.com/before?word=secret", proxy=proxy_url)
        return super().connect(proxy_url, ca_file)


@pytest.mark.parametrize(("kind", "kept"), [("real", False), ("simulated", True)])
def test_what_a_real_subject_says_before_the_plan_is_sealed_is_not_kept(
    tmp_path: Path, kind: str, kept: bool
) -> None:
    (tmp_path / "claims.toml").write_text(CLAIMS)
    plan = parse_plan(PLAN.replace('"real"', f'"{kind}"'), "plan", folder=tmp_path)

    run(plan, tmp_path / "case", driver=Early(plan, tmp_path))

    traffic = tmp_path / "case" / "traffic.mitm"
    assert (b"secret" in traffic.read_bytes()) is kept
    assert b"/sa?said=hello" in traffic.read_bytes()
    gaps = [gap for gap in read_connections(traffic) if gap.kind is GapKind.NOT_LOOKED_INTO]
    assert [(gap.host, gap.trial) for gap in gaps] == ([] if kept else [("sa.api.intl.miui.com", None)])


def test_a_certificate_that_the_subject_trusts_already_is_recorded_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "claims.toml").write_text(CLAIMS)
    plan = parse_plan(PLAN, "plan", folder=tmp_path)
    kept = keep_authority("my-phone", datetime.now(UTC) + timedelta(days=1))
    parrot = Parrot(plan, tmp_path)
    monkeypatch.setattr(parrot, "connect", lambda url, _: Parrot.connect(parrot, url, kept.ca_file))

    (trial,) = run(plan, tmp_path / "case", driver=parrot, authority=kept.folder).trials

    assert (trial.status, trial.note) == (TrialStatus.DONE, "")
    assert kept.ca_file.exists()


def test_a_subject_that_does_not_follow_loses_the_session(tmp_path: Path) -> None:
    (tmp_path / "claims.toml").write_text(CLAIMS)
    plan = parse_plan(PLAN.replace("hello", "no"), "plan", folder=tmp_path)

    (trial,) = run(plan, tmp_path / "case").trials

    assert (trial.status, trial.note) == (TrialStatus.LOST, "broke off: the parrot sulks")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("squawk", "visit"), r"unknown action visit \(have: squawk\)"),
        (('says = "hello"', "loudness = 3"), r"unknown field loudness \(have: says\)"),
        (('"parrot"\nkind', '"parot"\nkind'), "no driver 'parot'"),
    ],
)
def test_what_it_does_not_know_is_refused_before_anything_is_made(
    change: tuple[str, str], words: str
) -> None:
    with pytest.raises(PlanError, match=words):
        parse_plan(PLAN.replace(*change), "plan")
