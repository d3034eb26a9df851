"""The option `--keys`, alike for every command that reads recordings."""

from pathlib import Path

import click

keys_option = click.option(
    "--keys",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="TLS key log (SSLKEYLOGFILE) that opens packet captures; one beside a capture is found by itself.",
)
