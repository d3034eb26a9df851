"""`hometruth plant` prints values that `scan --canaries` reads back."""

from pathlib import Path

from click.testing import CliRunner

from hometruth.canaries import is_minted, load_canaries
from hometruth.cli.plant import command
from hometruth.model import CanaryKind
from tests.published import lines_fit


def test_values_one_a_line() -> None:
    lines = CliRunner().invoke(command, ["-n", "3"]).stdout.splitlines()

    assert len(set(lines)) == 3
    assert all(map(is_minted, lines))


def test_records_are_read_back(tmp_path: Path) -> None:
    for number in (1, 4):
        path = tmp_path / "canaries.jsonl"
        path.write_text(CliRunner().invoke(command, ["--kind", "search", "-n", str(number), "--json"]).stdout)
        loaded = load_canaries(path).canaries

        assert len(loaded) == number
        assert all(canary.kind is CanaryKind.SEARCH and is_minted(canary.value) for canary in loaded)


def test_an_unknown_kind_is_refused() -> None:
    result = CliRunner().invoke(command, ["--kind", "dog"])

    assert result.exit_code == 2
    assert "page" in result.output


def test_a_name_is_what_outputs_call_it() -> None:
    record = CliRunner().invoke(command, ["--name", "search term", "--json"]).stdout

    assert [row["id"] for row in lines_fit("canaries", record)] == ["search term"]
    for words in (["--name", "a", "-n", "2", "--json"], ["--name", " ", "--json"], ["--name", "a"]):
        assert CliRunner().invoke(command, words).exit_code == 2
