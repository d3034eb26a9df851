"""`hometruth peel` shows the layers of one value."""

import base64
import gzip
import json
import os

from click.testing import CliRunner

from hometruth.cli.peel import command
from hometruth.report.value_tree import BRANCHES_SHOWN
from tests.published import fits

WRAPPED = base64.b64encode(gzip.compress(b'{"url": "https://secret.test/"}', mtime=0)).decode()


def test_a_tree_of_layers() -> None:
    lines = CliRunner().invoke(command, [WRAPPED]).stdout.splitlines()

    assert [line.strip(" └─├│\xa0").split("  ")[0] for line in lines[1:4]] == ["base64", "gzip", "json url"]
    assert "https://secret.test/" in lines[3]


def test_json_holds_every_value() -> None:
    document = fits("peeled", CliRunner().invoke(command, ["--json", WRAPPED]).stdout)
    leaf = next(value for value in document["values"] if value.get("text") == "https://secret.test/")

    assert leaf["path"] == "url"
    assert leaf["chain"] == ["base64", "gzip", "json"]


def test_standard_input_is_bytes() -> None:
    raw = CliRunner().invoke(command, ["--json"], input=gzip.compress(b"inside a file", mtime=0))
    echoed = CliRunner().invoke(command, ["--json", "-"], input=WRAPPED + "\n")

    assert [value.get("text") for value in json.loads(raw.stdout)["values"]][1] == "inside a file"
    assert json.loads(echoed.stdout)["values"][0]["text"] == WRAPPED


def test_control_characters_are_written_out() -> None:
    result = CliRunner().invoke(command, [json.dumps({"\x1b]0;a\x07": "\x1b[31mred\u202e"})])

    assert "\x1b" not in result.stdout
    assert "\x07" not in result.stdout
    assert "\u202e" not in result.stdout
    assert "red" in result.stdout


def test_what_cannot_be_read_is_said() -> None:
    opaque = CliRunner().invoke(command, [], input=os.urandom(500))
    truncated = CliRunner().invoke(command, [], input=gzip.compress(b"some text " * 50, mtime=0)[:-9])

    assert "500 bytes are opaque" in opaque.stdout
    assert "ends early" in truncated.stdout


def test_a_large_tree_is_cut_and_says_so() -> None:
    result = CliRunner().invoke(command, [json.dumps(list(range(10_000)))])

    assert len(result.stdout.splitlines()) < BRANCHES_SHOWN + 20
    assert "more values" in result.stdout
