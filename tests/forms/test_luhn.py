import pytest

from hometruth.forms.luhn import check_digit, is_imei, luhn_sum

IMEI = "490154203237518"
"""The example of 3GPP TS 23.003, annex B, with its check digit."""


def test_the_check_digit_follows_the_others() -> None:
    assert check_digit(IMEI[:-1]) == 8
    assert luhn_sum(IMEI, doubled_last=False) % 10 == 0


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        (IMEI, True),
        ("490154203237519", False),
        ("941054203237518", False),
        (IMEI[:-1], False),
        (f"{IMEI}0", False),
        ("٤٩٠١٥٤٢٠٣٢٣٧٥١٨", False),
        ("", False),
    ],
)
def test_an_imei_is_fifteen_digits_that_check(text: str, *, is_one: bool) -> None:
    assert is_imei(text) is is_one
