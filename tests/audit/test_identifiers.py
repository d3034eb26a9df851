"""Twin phones of the lab are the oracle: what they store and send, and what is found, agree.

Twenty seeds of every model: `python -m benchmarks.twins`, with its result in `benchmarks/README.md`.
"""

from pathlib import Path

import pytest
from benchmarks.twins import Run, find, run_twins, score

from hometruth.identity.identifiers import rotation
from hometruth.model.identified import Code, Identified, LinkKind
from hometruth.model.identifier import IdentifierKind, Phase

PROMISED_DAYS = 90.0


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Two phones of one model, all apps, all phases."""
    return run_twins(tmp_path_factory.mktemp("twins"), "mi-10", 7)


@pytest.fixture(scope="module")
def found(twins: Run) -> Identified:
    """What was found."""
    return find(twins)


def at(found: Identified, end_of_path: str, app: str = "mint-browser") -> Code:
    """The code at one place of one app that is no account."""
    (code,) = (
        code
        for code in found.codes
        if code.kind is not IdentifierKind.ACCOUNT
        and any(item.place.app == app and item.place.path.endswith(end_of_path) for item in code.found)
    )
    return code


def test_every_stored_id_that_was_sent_is_found_with_its_lifetime_and_nothing_else(
    twins: Run, found: Identified
) -> None:
    result = score(twins, found)

    assert result.places_true == 20  # four fields of each of five apps
    assert result.wrong == ()
    assert result.joined == 0


def test_the_90_day_defect_is_found(found: Identified) -> None:
    token = at(found, "properties.uuid")

    seen = rotation(token.found[0], PROMISED_DAYS)

    assert seen is not None
    assert list(seen.days) == [0, 30, 60, 91, 120]
    assert (seen.outlives, seen.renewed_after_gap) == (True, True)


def test_the_account_is_tied_to_the_token_by_the_sign_up_record(twins: Run, found: Identified) -> None:
    ties = [link for link in found.links if link.kind is LinkKind.ACCOUNT]
    (tie,) = (link for link in ties if link.between[1].endswith("original_id"))
    events = [event for event in twins.traces.events if event.exchange == tie.exchange]

    assert tie.between[0].endswith("distinct_id")
    assert tie.n_devices == 2
    assert any(("body data_list[].event", "$SignUp") in event.fields for event in events)


def test_the_android_id_outlives_clearing_the_data_and_ties_all_apps(found: Identified) -> None:
    android_id = at(found, "$device_id")

    assert android_id.kind is IdentifierKind.DEVICE
    assert android_id.lifetime.ends_with == Phase.FACTORY_RESET
    assert android_id.lifetime.kept(Phase.CLEAR_DATA).kept == 2
    assert len(android_id.apps) == 5


def test_private_windows_are_asked_against_the_normal_one_and_against_each_other(found: Identified) -> None:
    lives = at(found, "properties.uuid").lifetime

    assert (lives.incognito.kept, lives.incognito.asked) == (2, 2)
    assert (lives.between_incognito.kept, lives.between_incognito.asked) == (2, 2)


def test_the_aggregated_telemetry_holds_no_identifier(tmp_path: Path) -> None:
    run = run_twins(tmp_path, "mi-10", 7, telemetry="aggregate", apps=("mint-browser", "music-player"))
    found = find(run)
    reports = [
        event for event in run.traces.events if any("weekly_report" in text for _, text in event.fields)
    ]

    assert len({event.session.device for event in reports}) == 2
    assert len(reports) > 20
    assert found.codes == ()
    assert found.links == ()
