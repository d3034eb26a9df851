"""Attributes against a reference population."""

import math
from pathlib import Path

import numpy as np
import pytest

from hometruth.errors import TableError
from hometruth.identity.reference import crowd, measure_attributes, read_reference


def test_groups_bits_and_crowds_by_hand() -> None:
    found = measure_attributes([np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1])])

    assert (found.people, found.groups, found.unique, found.median_k) == (4, 3, 0.5, 1.5)
    assert found.bits == pytest.approx(1.5)
    assert found.expected_k == pytest.approx(1.5)
    assert found.bits_added_up == pytest.approx(1 + 2 - 0.75 * math.log2(3))


def test_many_columns_do_not_overflow() -> None:
    column = np.arange(1000)

    assert measure_attributes([column] * 30).groups == 1000


def test_what_is_not_known_together_is_a_bracket() -> None:
    found = crowd([0.1, 0.01], 1_000_000)

    assert [found.low, found.high] == pytest.approx([1000, 10_000])
    assert [found.bits_low, found.bits_high] == pytest.approx([math.log2(100), math.log2(1000)])


def test_values_are_compared_as_written(tmp_path: Path) -> None:
    table = tmp_path / "phones.csv"
    table.write_text("user,code,maker\n1,07,a\n2,7,a\n3,7,b\n4,,b\n")
    reference = read_reference(table)

    assert list(reference.columns) == ["code", "maker"]
    assert reference.shares([("code", "7")]) == (0.5,)
    assert reference.shares([("code", "07")]) == (0.25,)
    with pytest.raises(TableError, match="nobody of 4 people in the reference has code=8"):
        reference.shares([("code", "8")])
    with pytest.raises(TableError, match=r"no column 'model' \(have: user, code, maker\)"):
        read_reference(table, ["model"])


def test_a_name_of_two_columns_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "phones.csv"
    table.write_text("model,model\na,b\n")

    with pytest.raises(TableError, match="two columns are called 'model'"):
        read_reference(table)


def test_what_the_reference_has_together_is_counted_together(tmp_path: Path) -> None:
    table = tmp_path / "phones.csv"
    table.write_text("model,language\n" + "a,en\n" * 5 + "a,de\n" * 3 + "b,en\n" * 2)
    reference = read_reference(table)

    assert reference.shares([("model", "a"), ("language", "de")]) == (0.3,)
    assert reference.shares([("model", "b"), ("language", "de")]) == (0.2, 0.3)


@pytest.mark.shared
def test_the_census_extract(shared: Path) -> None:
    columns = ["age", "education", "occupation", "relationship", "sex", "country"]
    reference = read_reference(shared / "data" / "adult.data.gz", columns)
    found = measure_attributes(list(reference.columns.values()))

    assert (found.people, found.groups, found.median_k) == (30162, 13471, 3)
    assert (round(found.bits, 3), round(found.unique, 4), round(found.in_small_groups, 4)) == (
        13.007,
        0.2923,
        0.5707,
    )
    assert (round(found.expected_k, 1), round(found.bits_added_up, 2)) == (6.7, 15.83)
    assert round(found.unique_if_independent, 3) == 0.441
