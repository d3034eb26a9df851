"""Examples that those publish who give such numbers out; with one digit changed they are none."""

from collections.abc import Callable

import pytest

from hometruth.forms import check_digits

EXAMPLES: list[tuple[Callable[[str], bool], str]] = [
    (check_digits.is_iban, "DE89370400440532013000"),
    (check_digits.is_iban, "GB82WEST12345698765432"),
    (check_digits.is_german_insurance_number, "A123456780"),
    (check_digits.is_german_tax_number, "86095742719"),
    (check_digits.is_dutch_citizen_number, "111222333"),
    (check_digits.is_french_insurance_number, "255081416802538"),
    (check_digits.is_italian_tax_code, "RSSMRA85T10A562S"),
    (check_digits.is_spanish_identity_number, "12345678Z"),
    (check_digits.is_spanish_identity_number, "X1234567L"),
    (check_digits.is_polish_citizen_number, "44051401359"),
    (check_digits.is_brazilian_tax_number, "52998224725"),
    (check_digits.is_indian_resident_number, "234123412346"),
    (check_digits.is_card_number, "4111111111111111"),
]


@pytest.mark.parametrize(("check", "number"), EXAMPLES)
def test_a_published_example_is_one_and_no_change_of_a_digit_is(
    check: Callable[[str], bool], number: str
) -> None:
    assert check(number)
    places = [place for place, char in enumerate(number) if char.isdigit()]
    for place in places:
        for other in "0123456789".replace(number[place], ""):
            assert not check(f"{number[:place]}{other}{number[place + 1 :]}")


@pytest.mark.parametrize(("check", "number"), EXAMPLES)
def test_other_lengths_and_signs_are_none(check: Callable[[str], bool], number: str) -> None:
    for other in (number[:-1], f"{number}0", f"-{number[1:]}"):
        if check not in (check_digits.is_iban, check_digits.is_card_number):
            assert not check(other)


@pytest.mark.parametrize("number", ["33304197866", "00000000000", "12345678901"])
def test_a_german_tax_number_repeats_one_digit_and_never_three_in_a_row(number: str) -> None:
    assert not check_digits.is_german_tax_number(number)


@pytest.mark.parametrize(
    ("number", "is_one"),
    [
        ("078051120", True),
        ("000051120", False),
        ("666051120", False),
        ("900051120", False),
        ("078001120", False),
    ],
)
def test_a_us_number_has_no_check_digit_but_areas_that_were_never_given(number: str, *, is_one: bool) -> None:
    assert check_digits.is_us_social_security_number(number) is is_one


def test_the_same_digit_all_over_is_no_number_of_anybody() -> None:
    assert not check_digits.is_card_number("0000000000000000")
    assert not check_digits.is_brazilian_tax_number("11111111111")
    assert not check_digits.is_dutch_citizen_number("000000000")
