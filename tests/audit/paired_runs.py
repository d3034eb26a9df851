"""Small real experiments in pairs: encrypted telemetry, real recorder, keys given to nobody but the
collector."""

from collections.abc import Sequence
from pathlib import Path
from random import Random

from hometruth.experiment import Plan, parse_plan
from hometruth.experiment.drivers.lab import LabDriver
from hometruth.lab import Defect, Mutation
from hometruth.model import Audit
from hometruth.run import run

PAIRS = 30
"""Without a leak, 30 sessions bound it to 9.5 %."""
VISITS = 8
"""With the plan's alpha, the fewest whose lengths a barcode shows in one session, several times over."""
NORMAL = {"version": "3.4.3", "mode": "normal", "switch": "on", "telemetry": "as-found"}
SILENT = {"version": "3.4.3", "mode": "incognito", "switch": "off", "telemetry": "as-found"}
OLD_NORMAL = {"version": "3.4.0", "mode": "normal", "switch": "absent", "telemetry": "as-found"}
OLD_INCOGNITO = {"version": "3.4.0", "mode": "incognito", "switch": "absent", "telemetry": "as-found"}
HONEST = {"version": "3.4.0", "mode": "incognito", "switch": "absent", "telemetry": "aggregate"}
CELLS = (OLD_NORMAL, OLD_INCOGNITO, HONEST, NORMAL, SILENT)
COMMON = {"consent": "given", "sdk": "encrypted"}
_HEAD = """
[plan]
id = "paired"
title = "A small paired plan"
phantoms = 100
window = "for 60 s of visits"

[subject]
driver = "lab"
kind = "simulated"
name = "Redmi Note 8"
vendor = "Xiaomi"
product = "Mint Browser"
device = "redmi-note-8"

[[expected]]
kind = "page"
host = "*.{canary}.canary.example"
path = "/[0-9A-Za-z]+"
parts = ["host", "header"]
within_s = 30
before_s = 60

[[series]]
id = "pairs"
pairs = %d
visits = %d
content_pairs = %d
shortest_path = 3000
alpha = 0.005
endpoints = ["sa.api.intl.miui.com"]
"""


def levels(cell: dict[str, str]) -> dict[str, str]:
    """A condition of these runs, as plans and verdicts have it."""
    return cell | COMMON


def paired_plan(
    cells: Sequence[dict[str, str]], *, pairs: int = PAIRS, visits: int = VISITS, content_pairs: int = 0
) -> Plan:
    """A plan with these conditions."""
    text = _HEAD % (pairs, visits, content_pairs)
    for cell in cells:
        rows = "\n".join(f'{factor} = ["{level}"]' for factor, level in levels(cell).items())
        text += f"\n[[series.cell]]\n[series.cell.levels]\n{rows}\n"
    return parse_plan(text, "paired")


def paired_experiment(
    folder: Path,
    plan: Plan,
    *,
    seed: int = 1,
    mutations: Sequence[Mutation | Defect] = (),
    driver: type[LabDriver] = LabDriver,
) -> Audit:
    """Run *plan* on a lab phone and judge it; the coins come from *seed*."""
    subject = driver(plan.subject, folder / "lab", mutations=mutations)
    return run(plan, folder, rng=Random(seed), driver=subject)
