"""A simulation is never reported as a real device."""

import pytest

from hometruth.errors import PlanError
from hometruth.experiment import bundled_plan, parse_plan


def test_a_plan_that_calls_the_labs_phone_real_is_refused() -> None:
    text = bundled_plan("mint-browser-2020").text.replace('kind = "simulated"', 'kind = "real"')

    with pytest.raises(PlanError, match="kind must be simulated"):
        parse_plan(text, "plan.toml")
