"""`claims check` from outside: one line per file, errors with line and field, exit code 2."""

from importlib.resources import files
from pathlib import Path

from click.testing import CliRunner

from hometruth.cli.claims import command
from tests.published import fits


def test_well_formed_and_malformed_files(tmp_path: Path) -> None:
    good = tmp_path / "good.toml"
    good.write_text((files("hometruth.data") / "claims" / "xiaomi-2020.toml").read_text("utf-8"))
    bad = tmp_path / "bad.toml"
    bad.write_text(good.read_text().replace('wording = "quoted"', 'wording = "loosely"', 1))
    result = CliRunner().invoke(command, ["check", str(bad), str(good)], standalone_mode=False)

    told = fits("claims-check", CliRunner().invoke(command, ["check", "--json", str(bad), str(good)]).stdout)

    assert result.return_value == 2
    assert [each["claims"] for each in told] == [0, 24]
    assert told[0]["error"] in result.output
    assert "good.toml: 24 claims with" in result.output
    line = bad.read_text().splitlines().index('wording = "loosely"') + 1
    assert f"bad.toml: line {line}: claim x01: reading ordinary: wording is 'loosely'" in result.output
