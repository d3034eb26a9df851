"""What people hand in: regular files up to a limit, and TOML whose cost grows no faster than its length."""

import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hometruth.canaries import load_canaries
from hometruth.claims import load_claims
from hometruth.errors import HometruthError, PlanError
from hometruth.experiment import load_plan
from hometruth.handed_in import MAX_KEY_PARTS, parse_toml, read_handed_in
from hometruth.identity.digests.lookup import load_own_values

READERS = (load_claims, load_plan, load_canaries, load_own_values)
LONG = ".".join("a" * (MAX_KEY_PARTS + 1))
HIDDEN = [
    f"{LONG} = 1",
    f"[{LONG}]",
    f"[[{LONG}]]",
    f"x = {{ {LONG} = 1 }}",
    f"x = [1, {{ {LONG} = 1 }}]",
    f"{LONG.replace('.', ' . ')} = 1",
    LONG.replace("a", '"a"') + " = 1",
    LONG.replace("a", "'a.b'") + " = 1",
    f'x = "\\"" \n{LONG} = 1',
    f'x = {{ y = """\\"""", {LONG} = 1 }}',
    f"x = {{ y = '''a''''', {LONG} = 1 }}",
    f"x = 'it' # don't\n{LONG} = 1",
]


@pytest.mark.parametrize("read", READERS)
def test_what_never_ends_is_refused_at_once(read: object, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    for path in (Path("/dev/zero"), tmp_path / "pipe.toml", tmp_path, Path("/dev/stdin")):
        with pytest.raises(HometruthError, match=r"regular file|cannot be read"):
            read(path)  # type: ignore[operator]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("text", ["a." * 40_000 + "b=1", "x = " + "[" * 50_000, '"' + '\\"' * 100_000])
def test_keys_and_nesting_without_end_are_refused_at_once(read: object, text: str, tmp_path: Path) -> None:
    (tmp_path / "keys.toml").write_text(text)

    with pytest.raises(HometruthError, match=r"keys\.toml"):
        read(tmp_path / "keys.toml")  # type: ignore[operator]


@pytest.mark.parametrize("text", HIDDEN)
def test_a_key_of_too_many_parts_is_seen_wherever_it_stands(text: str) -> None:
    with pytest.raises(PlanError, match=f"more than {MAX_KEY_PARTS} parts"):
        parse_toml(text, "plan.toml", PlanError)


@given(st.text(st.sampled_from("ab.,\"'#=\\ \n"), max_size=80))
def test_dots_in_strings_and_comments_mean_nothing(text: str) -> None:
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + LONG + '"'
    document = f"x = [{quoted}, '{LONG}'] # {LONG}\ny = '''{LONG}'''\nz = \"\"\"\\\"{LONG}\"\"\"\n"

    assert parse_toml(document, "plan.toml", PlanError) == tomllib.loads(document)


def test_a_file_above_the_limit_is_refused_with_the_limit(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 1_001)

    assert read_handed_in(tmp_path / "a", PlanError, limit_bytes=1_001)
    with pytest.raises(PlanError, match="more than 1,000 bytes, the limit"):
        read_handed_in(tmp_path / "a", PlanError, limit_bytes=1_000)
