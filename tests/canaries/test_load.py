"""Canaries from files of every accepted shape, and clear words about the others."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from hometruth.canaries import dump_canaries, load, load_canaries, mint
from hometruth.errors import CanaryError
from hometruth.model import CanaryKind


def written(folder: Path, text: str, name: str = "canaries.json") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_the_full_document(tmp_path: Path) -> None:
    document = {
        "salts": ["QX4"],
        "canaries": [
            {"id": "mail", "kind": "account", "value": "jane@example.org", "first_party": ["Mail.example"]}
        ],
    }
    loaded = load_canaries(written(tmp_path, json.dumps(document)))
    (canary,) = loaded.canaries

    assert loaded.salts == ("QX4",)
    assert (canary.id, canary.kind, canary.value) == ("mail", CanaryKind.ACCOUNT, "jane@example.org")
    assert canary.first_party == ("mail.example",)
    assert canary.personal
    assert 20 < canary.bits < 60


def test_toml(tmp_path: Path) -> None:
    text = 'salts = ["s1"]\n[[canaries]]\nid = "a"\nvalue = "some value"\n'
    loaded = load_canaries(written(tmp_path, text, "canaries.toml"))

    assert loaded.salts == ("s1",)
    assert [canary.id for canary in loaded.canaries] == ["a"]


def test_names_and_values(tmp_path: Path) -> None:
    loaded = load_canaries(written(tmp_path, '{"visit": "moginezosafe", "query": "nevonimitizu"}'))

    assert [(canary.id, canary.value) for canary in loaded.canaries] == [
        ("visit", "moginezosafe"),
        ("query", "nevonimitizu"),
    ]


def test_a_list_of_values(tmp_path: Path) -> None:
    loaded = load_canaries(written(tmp_path, '["value one", "value two"]'))

    assert [canary.id for canary in loaded.canaries] == ["value one", "value two"]


def test_a_kind_that_no_claim_speaks_of_is_a_known_value(tmp_path: Path) -> None:
    document = {"canaries": [{"id": "mail", "kind": "email", "value": "jane@example.org"}]}
    (canary,) = load_canaries(written(tmp_path, json.dumps(document))).canaries

    assert canary.kind is CanaryKind.KNOWN


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('{"imei": 356938035643809}', "canaries.json"),
        ('{"canaries": {"imei": "356938035643809"}}', "canaries.json"),
        ('{"id": "imei", "value": "356938035643809"}', "canaries.jsonl"),
        ('[{"id": "imei", "value": 356938035643809}]', "canaries.json"),
        ("imei = 356938035643809", "canaries.toml"),
        ('[canaries]\nimei = "356938035643809"', "canaries.toml"),
        ('imei = "356938035643809"', "canaries.txt"),
        ('{"imei": "356938035643809"}', "canaries.toml"),
    ],
)
def test_what_people_write_instead(tmp_path: Path, text: str, name: str) -> None:
    (canary,) = load_canaries(written(tmp_path, text, name)).canaries

    assert (canary.id, canary.value) == ("imei", "356938035643809")


def test_an_id_may_be_a_number_and_one_host_may_stand_alone(tmp_path: Path) -> None:
    text = '{"canaries": [{"id": 7, "value": "moginezosafe", "first_party": "Own.test"}]}'
    (canary,) = load_canaries(written(tmp_path, text)).canaries

    assert (canary.id, canary.first_party) == ("7", ("own.test",))


def test_one_value_may_have_two_names(tmp_path: Path) -> None:
    loaded = load_canaries(written(tmp_path, '{"login": "jane@example.org", "mail": "Jane@example.org"}'))

    assert [canary.id for canary in loaded.canaries] == ["login", "mail"]


@pytest.mark.parametrize("number", [1, 2, 50])
def test_our_own_lines_come_back_unchanged(tmp_path: Path, number: int) -> None:
    canaries = tuple(
        replace(
            mint("page", cell=f"t-{index}", phantom=index % 2 == 1),
            first_party=("own.test",) * (index % 3),
        )
        for index in range(number)
    )

    assert load_canaries(written(tmp_path, dump_canaries(canaries), "canaries.jsonl")).canaries == canaries


def test_known_values_come_back_unchanged(tmp_path: Path) -> None:
    first = load_canaries(written(tmp_path, '{"mail": "jäne@example.org"}')).canaries

    assert load_canaries(written(tmp_path, dump_canaries(first), "again.jsonl")).canaries == first


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "holds no canaries"),
        ("{", "neither JSON"),
        ("[" * 100_000, "canaries.json: "),
        ("[]", "holds no canaries"),
        ("{}", "holds no canaries"),
        ("3", "holds int"),
        ('["value", ""]', "canary 2: the value is empty"),
        ('{"a": "   "}', "canary 'a': the value is empty"),
        ('["abc"]', "has 3 bytes"),
        ('["value", 7]', "canary 2: the value '7' has 1 bytes"),
        ('["value", 7.5]', "line 1: canary 2: value must be a text or a whole number, not 7.5"),
        ('["value", true]', "canary 2: value must be a text or a whole number, not True"),
        ("[" + "1" * 5000 + ", 2]", "neither JSON"),
        ('["value", "value"]', "canary 2: id 'value' is that of canary 1"),
        ('{"canaries": [{"id": "a"}]}', "canary 1: has no value"),
        ('{"canaries": [{"value": 7.5}]}', "canary 1: value must be a text or a whole number, not 7.5"),
        (
            '{"canaries": [{"value": ["value"]}]}',
            "canary 1: value must be a text or a whole number, not ['value']",
        ),
        ('{"canaries": [{"value": "value", "kind": 3}]}', "canary 1: kind must be a text, not 3"),
        (
            '{"canaries": [{"value": "value", "first_party": 3}]}',
            "first_party must be a text or a list of texts, not 3",
        ),
        (
            '{"canaries": [{"value": "value", "first_party": [1]}]}',
            "first_party must be a text or a list of texts, not [1]",
        ),
        (
            '{"canaries": [{"id": "a", "value": "one1"}, {"id": "a", "value": "two2"}]}',
            "id 'a' is that of canary 1",
        ),
        ('{"canaries": {}}', "holds no canaries"),
        ('{"canaries": "x"}', "canaries is neither a list nor names and values"),
        (
            '{"salts": "x", "canaries": ["value"]}',
            "salts must be a list of texts that are not empty, not 'x'",
        ),
    ],
)
def test_what_makes_no_sense_is_said(tmp_path: Path, text: str, says: str) -> None:
    path = written(tmp_path, text)

    with pytest.raises(CanaryError) as raised:
        load_canaries(path)
    assert str(path) in str(raised.value)
    assert says in str(raised.value)


def test_a_file_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(CanaryError, match="cannot be read"):
        load_canaries(tmp_path / "none.json")
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CanaryError, match="not UTF-8"):
        load_canaries(tmp_path / "binary.json")


MOST = 50


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ([f"value-{n}" for n in range(MOST + 1)], f"more than {MOST}"),
        (["x" * (load.MAX_VALUE_BYTES + 1)], "canary 1: the value has 4097 bytes, more than 4096"),
        ({"salts": ["s"] * (load.MAX_SALTS + 1), "canaries": ["value"]}, "holds 101 salts, more than 100"),
        ({"salts": ["s", "s" * 5000], "canaries": ["value"]}, "salt 2 has more than 4096 bytes"),
    ],
)
def test_what_is_beyond_a_limit_is_refused_with_the_limit(
    document: object, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "MAX_CANARIES", MOST)
    path = tmp_path / "canaries.json"
    path.write_text(json.dumps(document))

    with pytest.raises(CanaryError, match=told):
        load_canaries(path)


def test_what_is_at_the_limit_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "canaries.json"
    path.write_text(
        json.dumps({"salts": ["s" * load.MAX_SALT_BYTES], "canaries": ["x" * load.MAX_VALUE_BYTES]})
    )

    assert len(load_canaries(path).canaries) == 1
