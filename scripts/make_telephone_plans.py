"""Writes `data/telephone_plans.tsv` from libphonenumber's metadata, as phonenumberslite carries it.

pip install phonenumberslite; python scripts/make_telephone_plans.py
"""

from pathlib import Path

import phonenumbers
from phonenumbers import PhoneMetadata
from phonenumbers.phonemetadata import NumberFormat

TARGET = Path(__file__).parent.parent / "src" / "hometruth" / "data" / "telephone_plans.tsv"
HEAD = """\
# How telephone numbers are written in each country: what is dialled before one inside it, and its groups.
# Source: libphonenumber's metadata (https://github.com/google/libphonenumber), Apache-2.0, as in release
# {version} of phonenumberslite. Retrieved {retrieved}. Made by scripts/make_telephone_plans.py; do not edit.
# Calling code (ITU-T E.164), trunk prefix, first digits and groups (regular expressions), as written inside
# the country. The first row whose expressions fit is the one.
"""
RETRIEVED = "2026-11-29"


def main() -> None:
    """Write the table."""
    rows = [row for code in sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE) for row in _rows(code)]
    head = HEAD.format(version=phonenumbers.__version__, retrieved=RETRIEVED)
    TARGET.write_text(head + "".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")


def _rows(code: int) -> list[tuple[str, str, str, str, str]]:
    """Rows of one calling code: of the region that its plan is named after."""
    region = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code][0]
    plan = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
    trunk = plan.national_prefix or ""
    rows = [
        (str(code), trunk, _first(each), each.pattern, _written(each, trunk)) for each in plan.number_format
    ]
    return rows or [(str(code), trunk, "", "", "")]


def _first(each: NumberFormat) -> str:
    """The digits that numbers of this group begin with; the last expression is the narrowest."""
    return each.leading_digits_pattern[-1] if each.leading_digits_pattern else ""


def _written(each: NumberFormat, trunk: str) -> str:
    """How a number of this group is written inside the country; ``\\1`` is its first group."""
    rule = (each.national_prefix_formatting_rule or "").replace("$NP", trunk).replace("$FG", r"\1")
    return each.format.replace(r"\1", rule, 1) if rule else each.format


if __name__ == "__main__":
    main()
