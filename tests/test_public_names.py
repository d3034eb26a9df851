"""The public surface: sorted, complete, and free to import."""

import subprocess
import sys

import pytest

import hometruth
from hometruth import report


def test_all_is_sorted_and_agrees_with_where_names_come_from() -> None:
    assert hometruth.__all__ == sorted(hometruth.__all__)
    assert set(hometruth.__all__) == hometruth._HOMES.keys()


@pytest.mark.parametrize("name", hometruth.__all__)
def test_every_name_is_there_and_documented(name: str) -> None:
    assert getattr(hometruth, name).__doc__


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        hometruth.nothing  # noqa: B018


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = (
        "import hometruth, sys; print(*sorted(name for name in sys.modules if name.startswith('hometruth')))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert loaded.split() == ["hometruth", "hometruth.late"]


def test_a_scan_does_not_pay_for_the_page() -> None:
    code = (
        "import hometruth.cli.scan, sys; "
        "print(sorted({'jinja2', 'numpy', 'hometruth.report.html_page'} & {*sys.modules}))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert loaded.strip() == "[]"


def test_every_name_of_the_report_comes_from_where_it_says() -> None:
    assert set(report.__all__) == report._HOMES.keys()
    for name in report.__all__:
        assert getattr(report, name) is not None
