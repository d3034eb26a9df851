"""What the channels declare: every app has its entries, and each field says how much of it is known."""

from random import Random

import pytest

from hometruth.lab import APPS
from hometruth.lab.apps.declare import NameSource
from hometruth.lab.oem import mistat, spock, system_analytics
from hometruth.lab.oem.declared import PACKAGES, REGISTRATIONS, VENDOR_HOSTS, mistat_url, new_imei


def test_every_app_has_a_registration_and_a_package_of_its_own() -> None:
    assert set(REGISTRATIONS) == set(PACKAGES) == set(APPS)
    assert len({given.app_id for given in REGISTRATIONS.values()}) == len(APPS)
    assert len({package.name for package in PACKAGES.values()}) == len(APPS)


@pytest.mark.parametrize("field", [*mistat.FIELDS, *spock.FORM, *spock.HEADER], ids=lambda field: field.name)
def test_names_of_fields_were_read_in_code_and_contents_say_whether_they_were(field: object) -> None:
    assert getattr(field, "name_is") is NameSource.DECOMPILED  # noqa: B009
    assert getattr(field, "content_is") in (NameSource.DECOMPILED, NameSource.INVENTED)  # noqa: B009
    assert getattr(field, "holds")  # noqa: B009


def test_every_record_of_the_system_has_a_source_and_an_invented_name() -> None:
    for kind in system_analytics.RECORDS:
        assert kind.source
        assert kind.names is NameSource.INVENTED


@pytest.mark.parametrize("region", ["IE", "ES", "IN", "PL", "CN", "RU"])
def test_every_country_has_a_host_that_the_lab_answers(region: str) -> None:
    assert mistat_url(region).split("/")[2] in VENDOR_HOSTS


def test_an_imei_has_a_right_check_digit_and_belongs_to_no_phone() -> None:
    for seed in range(100):
        imei = new_imei(Random(seed))
        digits = [int(digit) for digit in reversed(imei)]
        luhn = sum(digits[0::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])

        assert imei.startswith("00")
        assert len(imei) == 15
        assert luhn % 10 == 0
