"""`hometruth verify CASE`: is the case unbroken, and who sealed it?"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hometruth.case import TimeStamp, load_certificates, verify
from hometruth.case.bag import ANNEX
from hometruth.case.erased import TWIN
from hometruth.cli import EXIT_FOUND, EXIT_OK
from hometruth.cli.options import quiet_option
from hometruth.errors import escape_terminal

if TYPE_CHECKING:
    from hometruth.model.outputs import StampJson, VerifiedJson

SHOWN = 3
"""Files erased that are named; --json has all."""
FINGERPRINT = re.compile(r"[0-9a-f]{64}")


class _Fingerprint(click.ParamType["str"]):
    """SHA-256 of a public key in hexadecimal; colons and capitals are as good."""

    name = "FINGERPRINT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        plain = re.sub(r"[:\s]", "", str(value)).lower()
        if not FINGERPRINT.fullmatch(plain):
            self.fail("give all 64 hexadecimal digits that `hometruth verify` prints", param, ctx)
        return plain


@click.command("verify")
@click.argument("case", type=click.Path(path_type=Path))
@click.option("--key", type=_Fingerprint(), help="Whose signature it must be.")
@click.option(
    "--tsa-cert",
    type=click.Path(path_type=Path),
    help="Certificate (PEM or DER) of the time-stamping authority that it must be, or of its root.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@quiet_option
def command(case: Path, key: str | None, tsa_cert: Path | None, as_json: bool) -> int:
    """Check every file of CASE against its seals, and the seals against their signatures; no network is used.

    Names the first broken thing and exits with 1. Who signs everything again with a key of their own breaks
    nothing: only with --key, the fingerprint that the examiner published, is it certain whose case this is;
    only with --tsa-cert, who says when it was sealed.
    """
    found = verify(case, key=key, authority=load_certificates(tsa_cert) if tsa_cert else ())
    if as_json:
        told: VerifiedJson = {
            "unbroken": not found.broken,
            "broken": found.broken,
            "signer": found.signer,
            "sealed_before": not found.broken and not found.labelled,
            "key_named": key is not None,
            "unchecked": list(found.unchecked),
            "annexes": dict(found.annexes),
            "erased": dict(found.erased.files),
            "stamp": None if found.stamp is None else _stamp(found.stamp),
        }
        click.echo(json.dumps(told, indent=1))
    elif found.broken:
        click.echo(escape_terminal(f"BROKEN  {found.broken}"))
    else:
        click.echo(f"unbroken, {_signed(found.signer, named=key is not None)}")
        for line in when_told(found.stamp):
            click.echo(escape_terminal(line))
        if found.labelled:
            click.echo("labelled afterwards: the recordings were there first, nothing was sealed before them")
        if gone := sorted(found.erased.files):
            more = f" and {len(gone) - SHOWN:,} more" if len(gone) > SHOWN else ""
            click.echo(escape_terminal(f"erased since, by the same key: {', '.join(gone[:SHOWN])}{more}"))
            click.echo(f"only the redacted twin can be judged again: {ANNEX}/{found.erased.annex}/{TWIN}")
        for name in found.unchecked:
            click.echo(f"not checked: {name}/, which a simulated phone keeps for itself; it is no evidence")
        for name, signer in found.annexes.items():
            click.echo(escape_terminal(f"annex {name}, {_signed(signer, named=signer == key)}"))
    return EXIT_FOUND if found.broken else EXIT_OK


def _stamp(stamp: TimeStamp) -> "StampJson":
    return {
        "at": stamp.at,
        "authority": stamp.authority,
        "named": stamp.named,
        "agreed": list(stamp.agreed),
        "others": dict(stamp.others),
    }


def when_told(stamp: TimeStamp | None) -> Iterator[str]:
    """By whose clock a case was sealed; one line, or a few."""
    if stamp is None:
        yield "sealed by the examiner's own clock: no time-stamping authority was asked"
        return
    reasons = "; ".join(f"{name}: {why}" for name, why in stamp.others.items())
    if not stamp.at:
        yield f"sealed by the examiner's own clock: there is a time stamp, not looked at ({reasons})"
        return
    whose = "the authority you named" if stamp.named else "a key you have not named"
    yield f"stamped {stamp.at} by {whose}: {stamp.authority}"
    if stamp.agreed:
        yield f"time stamp checked by {' and '.join(stamp.agreed)}{reasons and f'; not by {reasons}'}"
    else:
        yield f"time stamp not checked ({reasons})"


def _signed(signer: str, *, named: bool) -> str:
    if not signer:
        return "signed by nobody: whoever can change a file can also write new manifests"
    return f"signed by {'the key you named' if named else 'a key you have not named'}: {signer}"
