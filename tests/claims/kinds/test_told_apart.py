"""A value that ties sessions together must be somebody's: not the model's, and not the software's."""

from dataclasses import replace

from hometruth.model import Trial, VerdictKind
from tests.claims.statements import judged, statement
from tests.claims.world import World, condition

CONTRADICTED, INCONCLUSIVE = VerdictKind.CONTRADICTED, VerdictKind.INCONCLUSIVE
NORMAL = {"mode": "normal"}
UNLINKED = statement(
    "not-linked-to",
    where={"mode": ["incognito"]},
    **{"with": {"mode": ["normal"]}, "control": {"mode": ["normal"]}},
)
NOBODY = statement("no-identifier", kinds=["account", "device-id"], control={"mode": ["normal"]}, others=True)
BUILD = "ginkgo-user-9-pkq1-190616-001-v11-0-8-0-release-keys"


def world(value_of: dict[str, str], *, device_of: dict[str, str], version_of: dict[str, str]) -> World:
    """For each installation five normal sessions and five private ones, with one value in all of them."""
    made = World()
    for number in range(10):
        mode = ("normal", "incognito")[number % 2]
        for name, value in value_of.items():
            where = condition(mode=mode, version=version_of[name])
            trial = made.session(where, sends=True, content=False, installation=name, series="matrix")
            made.trials[-1] = replace(trial, device=device_of[name])
            made.token(value, trial.id, "zz")
    return made


def in_private(made: World, version: str) -> tuple[VerdictKind, str]:
    row = judged(UNLINKED, made)[condition(mode="incognito", version=version)]
    return row.verdict, row.why


def same(names: str, value: str) -> dict[str, str]:
    return dict.fromkeys(names, value)


def test_the_build_of_two_phones_of_one_model_is_no_link() -> None:
    made = world(same("ab", BUILD), device_of={"a": "phone 1", "b": "phone 2"}, version_of=same("ab", "1"))

    verdict, why = in_private(made, "1")

    assert verdict is INCONCLUSIVE
    assert "it may be the device's, the model's or the software's" in why


def test_what_two_phones_of_different_models_differ_in_is_no_link_either() -> None:
    made = world(
        {"a": BUILD, "b": f"umi-{BUILD}"},
        device_of={"a": "phone 1", "b": "phone 2"},
        version_of=same("ab", "1"),
    )

    assert in_private(made, "1")[0] is INCONCLUSIVE


def test_what_two_versions_on_one_phone_differ_in_may_be_built_into_them() -> None:
    made = world(
        {"a": BUILD, "b": f"next-{BUILD}"}, device_of=same("ab", "phone"), version_of={"a": "1", "b": "2"}
    )

    assert in_private(made, "1")[0] is INCONCLUSIVE
    assert judged(NOBODY, made)[condition(mode="incognito", version="1")].verdict is not CONTRADICTED


def test_what_two_installations_of_one_version_on_one_phone_differ_in_is_a_link() -> None:
    made = world(
        {"a": BUILD, "b": f"other-{BUILD}"}, device_of=same("ab", "phone"), version_of=same("ab", "1")
    )

    assert in_private(made, "1")[0] is CONTRADICTED


def test_what_the_tester_told_is_the_devices_though_nothing_else_was_sent() -> None:
    made = world(same("ab", BUILD), device_of=same("ab", "phone"), version_of=same("ab", "1"))
    made.identifiers = [replace(item, is_own=True) for item in made.identifiers]

    assert in_private(made, "1")[0] is CONTRADICTED


def test_a_session_that_was_not_attested_tells_nothing_apart() -> None:
    made = world(
        {"a": BUILD, "b": f"other-{BUILD}"}, device_of=same("ab", "phone"), version_of=same("ab", "1")
    )
    made.trials = [_unattested(item) if item.installation == "b" else item for item in made.trials]

    assert in_private(made, "1")[0] is INCONCLUSIVE


def _unattested(trial: Trial) -> Trial:
    return replace(trial, attested=())
