"""From four answers to a plan: what it asks for, and answers that make none."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hometruth.errors import PlanError
from hometruth.experiment.drivers.guided_kind import UNSEEN, GuidedOptions
from hometruth.experiment.guided_plan import FourAnswers, coin_plan, guided_plan, switch_of, takes_s
from hometruth.experiment.plan import Plan, bundled_plan, parse_plan

NOW = datetime(2026, 11, 30, 7, 8, 9, tzinfo=UTC)
OPTIONS = GuidedOptions(listen="192.0.2.7", drain_s=20, preflight_s=60)


def test_the_answers_are_in_the_plan() -> None:
    answers = FourAnswers(
        "Firefox",
        "Mozilla",
        "agreed",
        "bundled:firefox",
        (("Suggestions", ("on", "off")),),
        only=("t.example",),
    )
    plan = guided_plan(
        answers, sessions=3, actions=["click-link", "type"], at=NOW, options=OPTIONS, offline=True
    )
    (series,) = plan.series
    (cell,) = series.cells

    assert plan.id == "phone-20261130-070809"
    assert (plan.subject.product, plan.subject.vendor, plan.claims) == (
        "Firefox",
        "Mozilla",
        "bundled:firefox",
    )
    assert plan.subject.extensions
    assert "agreed" in plan.subject.description
    assert set(UNSEEN) <= set(plan.subject.unseen)
    assert plan.options == OPTIONS
    assert plan.opened == ("*.sites.example", "*.canary.example", "t.example")
    assert plan.offline
    assert {str(condition) for condition in cell.conditions} == {
        f"mode={mode}, Suggestions={level}" for mode in ("normal", "private") for level in ("on", "off")
    }
    assert (len(cell.days), cell.actions) == (3, ("click-link", "type"))
    assert plan.window == (
        "from the opening of the window to 20 s after the last action; on-device channels not watched"
    )
    assert takes_s(plan) == 60 + 12 * (90 + 20)


def test_a_coin_is_asked_about_hosts_that_cannot_be_read() -> None:
    answers = FourAnswers("Tik", "Own Ltd.", "mine", "bundled:done-in-an-app")
    options = GuidedOptions(certificate=False, preflight_s=0, does='Search for "cats".')
    plan = coin_plan(answers, ["api.own.example", 'x"\n[plan]'], at=NOW, options=options, pairs=9)
    (pairing,) = plan.pairings

    assert (pairing.pairs, pairing.endpoints) == (9, ("api.own.example", 'x"\n[plan]'))
    assert plan.options == options
    assert (plan.id, plan.subject.vendor) == ("phone-by-coin-20261130-070809", "Own Ltd.")
    assert takes_s(plan) == 18 * (90 + 30 + 30)


def test_the_bundled_plan_can_be_run_as_it_is() -> None:
    plan = bundled_plan("phone-by-hand")

    assert plan.options == GuidedOptions()
    assert "on-device channels not watched" in plan.window


@pytest.mark.parametrize(
    ("options", "is_refused"),
    [
        (OPTIONS, True),
        (GuidedOptions(wireguard=0), True),
        (GuidedOptions(wireguard=0, package="com.android.chrome"), False),
        (GuidedOptions(listen="192.0.2.7", package="com.android.chrome"), True),  # a proxy takes all apps
        (GuidedOptions(listen="192.0.2.7", certificate=False), False),
        (GuidedOptions(), False),  # a browser of this machine, with a profile of its own
    ],
)
def test_other_apps_traffic_is_opened_on_purpose_only(options: GuidedOptions, is_refused: bool) -> None:
    answers = FourAnswers("Chrome", "Google", "mine", "bundled:private-windows")
    on_purpose = replace(answers, all_traffic=True)
    for told, refused in ((answers, is_refused), (on_purpose, False)):
        with pytest.raises(PlanError, match="all_traffic = true") if refused else nullcontext():
            guided_plan(told, sessions=1, actions=["click-link"], at=NOW, options=options)


@pytest.mark.parametrize("told", ["Suggest", "=on,off", "a=on", "a=on,on", "mode=x,y", "a=b\n,c", "a={},b"])
def test_what_is_no_switch_is_refused(told: str) -> None:
    with pytest.raises(PlanError, match="is no switch"):
        switch_of(told)


def test_a_switch_keeps_its_name_and_levels() -> None:
    assert switch_of("Search suggestions = on, off") == ("Search suggestions", ("on", "off"))


def test_a_hostile_answer_stays_text() -> None:
    answers = FourAnswers('X"\n[plan]\nid="y', 'V\\"', "mine", "bundled:private-windows", all_traffic=True)
    plan = guided_plan(answers, sessions=1, actions=["click-link"], at=NOW, options=OPTIONS)

    assert plan.subject.product == 'X"\n[plan]\nid="y'
    assert plan.id == "phone-20261130-070809"


def test_hosts_are_asked_about_only_where_somebody_can_be_asked_and_others_stay_closed() -> None:
    answers = FourAnswers("Shop", "Acme", "mine", "bundled:private-windows", app_hosts=True)

    def made(**options: object) -> Plan:
        given = GuidedOptions(listen="0.0.0.0", **options)  # type: ignore[arg-type]
        return guided_plan(answers, sessions=1, actions=("click-link",), at=NOW, options=given)

    plan = made()
    assert plan.app_hosts
    assert plan.opened == ("*.sites.example", "*.canary.example")
    with pytest.raises(PlanError, match="nobody is asked for hosts"):
        made(preflight_s=0)
    with pytest.raises(PlanError, match="nobody is asked for hosts"):
        made(certificate=False)
    with pytest.raises(PlanError, match="say opened = "):
        parse_plan(plan.text.replace('opened = ["*.sites.example", "*.canary.example"]', ""), "plan")
