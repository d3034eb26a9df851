"""The published schemas are those of the program, of every output of every command, and real outputs fit."""

import json
import re
import runpy
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click
import jsonschema

from hometruth.canaries import dump_canaries, mint
from hometruth.cli import hometruth as program
from hometruth.model import Effect, Interval, Room, Rung
from hometruth.model.reidentification import Attributes, Crowd
from hometruth.report.attributes import attributes_json
from hometruth.report.relink import relink_json
from hometruth.report.schemas import OUTPUTS
from hometruth.report.unicity import unicity_json
from hometruth.report.verdicts_json import verdicts_text
from tests.case.bags import make_bag
from tests.cli.forked import Done, hometruth
from tests.cli.hars import har
from tests.docs.pages import DOCS, ROOT
from tests.published import SCHEMAS, fits, lines_fit
from tests.report.audits import CONDITIONS, build_audit
from tests.report.test_curves import BOARD, UNICITY, relinked

PAGE = (DOCS / "reference" / "machine-outputs.md").read_text()
PEOPLE = Attributes(900, 30, 4.5, 0.1, 0.2, 40.0, 55.5, 5.1, 0.3)
PRINTS = {"--json", "--jsonl"}


def printing(command: click.Command, name: str) -> Iterator[str]:
    """Every command that prints for programs, with the option, as ``lab events --jsonl``."""
    context = click.Context(command)
    for option in PRINTS & {each for parameter in command.params for each in parameter.opts}:
        yield f"{name} {option}".strip()
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            assert found is not None
            yield from printing(found, f"{name} {child}".strip())


def test_the_schemas_are_made_of_the_types() -> None:
    made = runpy.run_path(str(ROOT / "scripts" / "make_schemas.py"))["schema_files"]()

    assert {path.name: path.read_text("utf-8") for path in SCHEMAS.glob("*")} == made
    for text in made.values():
        jsonschema.Draft202012Validator.check_schema(json.loads(text))


def test_every_command_that_prints_for_programs_has_a_schema_that_the_page_names() -> None:
    assert {option for output in OUTPUTS.values() for option in output.options} == set(printing(program, ""))
    for name, output in OUTPUTS.items():
        row = next(line for line in PAGE.splitlines() if f"(schemas/{name}.json)" in line)
        assert all(f"`{option}`" in row for option in output.options)


def test_every_schema_is_held_against_what_is_really_printed() -> None:
    """By some test; what is called is the same that writes the assertion."""
    tried = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r'fits?\(\s*"([\w-]+)"', path.read_text("utf-8"))
    }

    assert OUTPUTS.keys() <= tried


def planted(folder: Path) -> None:
    """A canary in a file of its own, and a recording that holds it."""
    canary = mint("page")
    (folder / "canaries.jsonl").write_text(dump_canaries([canary]))
    har(folder / "a.har", f"https://t.example/?p={canary.value}", "https://t.example/q")


def ended(done: Done, *codes: int) -> str:
    assert done.returncode in codes, done.stderr
    return done.stdout


def test_what_commands_print_of_recordings_fits(tmp_path: Path) -> None:
    planted(tmp_path)
    capture, known = tmp_path / "a.har", ("--canaries", tmp_path / "canaries.jsonl")

    fits("export", ended(hometruth("export", capture, "--parquet", tmp_path / "a.parquet", "--json"), 0))
    told = fits("twin", ended(hometruth("redact", capture, *known, "--out", tmp_path / "t", "--json"), 0))
    assert told["replaced"] >= 1
    folder = tmp_path / "out"
    told = fits("fleet", ended(hometruth("fleet", capture, *known, "--out", folder, "--json"), 1))
    assert told["findings"]["found"] == 1
    told = fits("gate", ended(hometruth("gate", capture, *known, "--json"), 1))
    assert [each["canary"] for each in told["transfers"]] == ["page"]
    assert [row["what"] for row in lines_fit("watched-line", watched(capture, known))] == ["left", "left"]


def watched(capture: Path, known: tuple[str | Path, ...]) -> str:
    return ended(hometruth("watch", capture, "--jsonl", *known), 0)


def test_what_verify_prints_fits(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "case")
    assert fits("verified", ended(hometruth("verify", bag, "--json"), 0))["unbroken"]
    (bag / "data" / "plan.toml").unlink()
    assert fits("verified", ended(hometruth("verify", bag, "--json"), 1))["broken"]


def test_verdicts_fit_with_all_that_they_can_hold() -> None:
    effect = Effect(
        endpoint="t.example",
        condition=CONDITIONS[1],
        rung=Rung.CONTENT,
        pairs=3,
        planned_pairs=3,
        wins=3,
        untied=3,
        e_value=float("inf"),
        threshold=9.0,
        per_planted_byte=Interval(1.0, 0.5, 1.5),
        room=(Room("address", 30.0, 4, 14.6),),
        lost_treated=0,
        lost_control=0,
        barcode_p=1e-18,
        barcode_level=1e-5,
        barcode_trial="t100",
        treated_bytes=9,
    )
    audit = build_audit()
    first, *others = audit.verdicts
    told = verdicts_text(replace(audit, verdicts=(replace(first, effects=(effect,)), *others)))

    assert fits("verdicts", told)[0]["effects"]


def test_tables_fit_with_and_without_what_they_may_lack() -> None:
    fits("unicity", unicity_json(UNICITY))
    fits("unicity", unicity_json(replace(UNICITY, session_start=None)))
    fits("relink", relink_json(relinked()))
    fits("relink", relink_json(relinked(split=None, sessions=None, few={2: {"tfidf": 0.5}})))
    fits("relink", relink_json(relinked(scoreboard=(BOARD,))))
    for own in (None, Crowd(2.0, 30.0, 3.0, 9.0)):
        fits("metadata", attributes_json(PEOPLE, ["maker", "city"], own, 1_000_000))
