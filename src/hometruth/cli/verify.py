"""`hometruth verify CASE`: is the case unbroken, and who sealed it?"""

import json
import re
from pathlib import Path
from typing import Any

import click

from hometruth.case import verify
from hometruth.cli import EXIT_FOUND, EXIT_OK
from hometruth.errors import escape_terminal

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
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(case: Path, key: str | None, as_json: bool) -> int:
    """Check every file of CASE against its seals, and the seals against their signatures; no network is used.

    Names the first broken thing and exits with 1. Who signs everything again with a key of their own breaks
    nothing: only with --key, the fingerprint that the examiner published, is it certain whose case this is.
    """
    found = verify(case, key=key)
    if as_json:
        told = {"unbroken": not found.broken, "broken": found.broken, "signer": found.signer}
        told["sealed_before"] = not found.broken and not found.labelled
        click.echo(
            json.dumps({**told, "key_named": key is not None, "annexes": dict(found.annexes)}, indent=1)
        )
    elif found.broken:
        click.echo(escape_terminal(f"BROKEN  {found.broken}"))
    else:
        click.echo(f"unbroken, {_signed(found.signer, named=key is not None)}")
        click.echo("sealed by the examiner's own clock: no time-stamping authority was asked")
        if found.labelled:
            click.echo("labelled afterwards: the recordings were there first, nothing was sealed before them")
        for name, signer in found.annexes.items():
            click.echo(escape_terminal(f"annex {name}, {_signed(signer, named=signer == key)}"))
    return EXIT_FOUND if found.broken else EXIT_OK


def _signed(signer: str, *, named: bool) -> str:
    if not signer:
        return "signed by nobody: whoever can change a file can also write new manifests"
    return f"signed by {'the key you named' if named else 'a key you have not named'}: {signer}"
