"""`hometruth gate`: hold recordings against a policy, for whoever ships what was recorded."""

import json
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

import click

from hometruth.audit.gate import gate
from hometruth.cli import EXIT_FOUND, EXIT_OK, EXIT_UNABLE, print_error
from hometruth.cli.options import keep_what_is_read, key_option, keys_option
from hometruth.cli.progress import working
from hometruth.model import Gated, GateOutcome, ObstacleKind, Ruling, SentField
from hometruth.policy import dump_baseline
from hometruth.report.gate_junit import gate_junit
from hometruth.report.gate_markdown import gate_markdown
from hometruth.report.gate_sarif import gate_sarif
from hometruth.report.gate_text import print_gate, summary

EXIT_CODES = {
    GateOutcome.PASSED: EXIT_OK,
    GateOutcome.LEAKED: EXIT_FOUND,
    GateOutcome.UNABLE: EXIT_UNABLE,
}


def _print_schema(context: click.Context, _option: click.Parameter, asked: bool) -> None:
    if asked:
        from hometruth.report.schemas import schema_of  # noqa: PLC0415 - nothing else needs it

        click.echo(json.dumps(schema_of("gate"), indent=1))
        context.exit()


def _levels(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    levels = {}
    for each in given:
        factor, equals, level = each.partition("=")
        if not (factor and equals and level):
            raise click.BadParameter(f"{each!r} is not FACTOR=LEVEL, such as consent=refused")
        levels[factor] = level
    return levels


def _file(name: str, what: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    return click.option(
        f"--{name}", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help=what
    )


@click.command("gate")
@click.argument("captures", nargs=-1, required=True, type=click.Path(), metavar="CAPTURE...")
@click.option(
    "--canaries",
    type=click.Path(path_type=Path),
    help="Values to look for: JSON or TOML.  [default: only what looks personal]",
)
@click.option("--policy", type=click.Path(path_type=Path), help="Who may get what: TOML.")
@click.option("--baseline", type=click.Path(path_type=Path), help="Leaks known before: these do not fail.")
@_file("write-baseline", "Write the leaks seen now as the baseline.")
@click.option(
    "--under",
    multiple=True,
    metavar="FACTOR=LEVEL",
    callback=_levels,
    help="Condition under which all captures were made, such as consent=refused.",
)
@_file("sarif", "Write SARIF 2.1.0.")
@_file("junit", "Write JUnit XML.")
@_file("markdown", "Add a summary in Markdown, such as to $GITHUB_STEP_SUMMARY.")
@_file("attest", "If it passes, write a signed statement about --build: in-toto in a DSSE envelope.")
@click.option(
    "--build",
    "builds",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="With --attest: a file that was tested; its hash is what the statement is about.",
)
@click.option("--by", default="", metavar="NAME", help="With --attest: whose audit this is.")
@key_option
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON document.")
@click.option("--quiet", is_flag=True, help="Print only why it did not pass.")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Processes that search; as many as there are cores by default.",
)
@keys_option
@click.option(
    "--schema",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_schema,
    help="Print the JSON schema of --json, and exit.",
)
def command(  # noqa: PLR0913 - one argument an option
    *,
    captures: tuple[str, ...],
    canaries: Path | None,
    policy: Path | None,
    baseline: Path | None,
    write_baseline: Path | None,
    under: dict[str, str],
    sarif: Path | None,
    junit: Path | None,
    markdown: Path | None,
    attest: Path | None,
    builds: tuple[Path, ...],
    by: str,
    key: Path | None,
    as_json: bool,
    quiet: bool,
    jobs: int | None,
    keys: Path | None,
) -> int:
    """Hold recordings against a policy: a leak never ships.

    Exits with 1 if a planted value was delivered to somebody whom the policy does not name, with evidence of
    40 bits or more. Exits with 0 only if none was and enough was seen to say so; otherwise with 2, and says
    why: nothing was recorded, too much could not be read, no control arrived, a waiver is over.
    """
    written, read = (sarif, junit, markdown, *_attested(attest)), (*captures, canaries, policy, keys, *builds)
    keep_what_is_read([*written, write_baseline], [*read, key])
    keep_what_is_read(written, [baseline])  # which may be written again
    for earlier in (sarif, junit, *_attested(attest)):
        # Whatever happens now, it must not speak for this run. A link may be the standard output's.
        if earlier is not None and earlier.is_file() and not earlier.is_symlink():
            earlier.unlink()
    with nullcontext() if quiet else working("looking into what was sent"):
        gated = gate(
            *captures, canaries=canaries, policy=policy, baseline=baseline, under=under, jobs=jobs, keys=keys
        )
    if write_baseline is not None:
        _write_baseline(write_baseline, gated)
    for path, text in ((sarif, gate_sarif), (junit, gate_junit)):
        if path is not None:
            made = text(gated)
            _write(path, made if isinstance(made, bytes) else made.encode())
    if markdown is not None:
        _write(markdown, gate_markdown(gated).encode(), mode="ab")
    if attest is not None:
        if gated.passed:
            _attest(attest, gated, builds, by, key)
        else:
            print_error(f"{attest}: nothing is attested, since the gate did not pass")
    if as_json:
        click.echo(json.dumps(gated.as_json(), indent=1))
    elif not quiet:
        print_gate(gated)
    if not gated.passed and (as_json or quiet):
        _say_why(gated)
    return EXIT_CODES[gated.outcome]


def _say_why(gated: Gated) -> None:
    for line in list(summary(gated))[: 1 + len(gated.obstacles)]:
        print_error(line.strip())


def _write_baseline(path: Path, gated: Gated) -> None:
    """Write what leaks now, unless that is not known: a baseline of less would call the rest new."""
    forbids = {ObstacleKind.EMPTY, ObstacleKind.UNREADABLE, ObstacleKind.PHANTOM}
    if any(each.kind in forbids for each in gated.obstacles):
        print_error(f"{path}: no baseline was written, since not all was seen that leaks")
        return
    _write(path, dump_baseline(_failing(gated)).encode())


def _failing(gated: Gated) -> list[SentField]:
    """What fails, or would but for an earlier baseline."""
    return [each for each in gated.everything if each.ruling in (Ruling.LEAK, Ruling.IN_BASELINE)]


def _attested(path: Path | None) -> tuple[Path, ...]:
    """The statement, and beside it the public key that it is checked with."""
    return () if path is None else (path, path.with_name(f"{path.name}.pub.pem"))


def _attest(path: Path, gated: Gated, builds: Sequence[Path], by: str, key: Path | None) -> None:
    from hometruth.audit.attest import attestation, envelope  # noqa: PLC0415 - needs cryptography
    from hometruth.case import load_or_make_key  # noqa: PLC0415

    statement = attestation(gated, builds=builds, by=by, at=datetime.now(UTC))
    signer = load_or_make_key(key)
    signed, public = _attested(path)
    _write(signed, envelope(statement, signer).encode())
    _write(public, signer.public_pem)


def _write(path: Path, data: bytes, mode: str = "wb") -> None:
    with path.open(mode) as file:
        file.write(data)
