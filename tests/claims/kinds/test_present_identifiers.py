"""That an identifier is sent: shown by a known value in its field; an unexplained code keeps it open."""

from dataclasses import replace

from hometruth.model import Canary, CanaryKind, Identifier, Verdict, VerdictKind
from tests.claims.statements import judged, statement
from tests.claims.world import HOST, World, condition

HERE = condition(mode="normal")
CONTROL = {"mode": ["normal"]}
ANDROID_ID = Canary("android-id", CanaryKind.DEVICE_ID, "1f2e3d4c5b6a7988", 64.0, personal=True)
ACCOUNT = Canary("account", CanaryKind.ACCOUNT, "1f2e3d4c5b6a7988", 64.0, personal=True)


def silent() -> World:
    made = World()
    made.cell(HERE, 40, sends=True, content=False)
    return made


def verdict(made: World, **options: object) -> Verdict:
    return judged(statement("present", **{"control": CONTROL, **options}), made)[HERE]  # type: ignore[arg-type]


def code(made: World, **changes: object) -> Identifier:
    ids = tuple(trial.id for trial in made.trials)
    item = Identifier("5a1b2c3d4e5f6071", "user", "distinct_id", HOST, ids, "test", 64.0)
    return replace(item, **changes)  # type: ignore[arg-type]


def test_silence_refutes_it_where_no_code_is_left_over() -> None:
    assert verdict(silent(), kinds=["device-id"]).verdict is VerdictKind.CONTRADICTED


def test_silence_does_not_refute_it_while_a_code_may_be_the_devices() -> None:
    made = silent()
    made.lookalikes = [code(made)]

    row = verdict(made, kinds=["device-id"])

    assert row.verdict is VerdictKind.INCONCLUSIVE
    assert "a second device of that model would tell" in row.why


def test_an_account_is_not_refuted_while_its_field_holds_a_code_that_installations_share() -> None:
    made = silent()
    made.identifiers = [code(made)]

    row = verdict(made, kinds=["account"], fields=["distinct_id"])

    assert row.verdict is VerdictKind.INCONCLUSIVE
    assert "account in a form that is not known" in row.why
    elsewhere = verdict(made, kinds=["account"], fields=["login_id"])
    assert elsewhere.verdict is VerdictKind.CONTRADICTED


def test_a_known_value_shows_it_only_in_the_field_that_was_named() -> None:
    made = silent()
    made.known(ACCOUNT, dict.fromkeys(made.trials, 60.0))

    assert (
        verdict(made, kinds=["account"], fields=["properties.$device_id"]).verdict is VerdictKind.CONSISTENT
    )
    assert verdict(made, kinds=["account"], fields=["distinct_id"]).verdict is VerdictKind.CONTRADICTED


def test_the_known_value_that_was_named_is_told_from_another_of_its_kind() -> None:
    made = silent()
    made.known(ANDROID_ID, dict.fromkeys(made.trials, 60.0))

    assert verdict(made, kinds=[], known=["android-id"]).verdict is VerdictKind.CONSISTENT
    assert verdict(made, kinds=[], known=["imei"]).verdict is VerdictKind.CONTRADICTED
