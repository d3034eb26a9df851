"""Where one ciphertext holds many events, their lengths are gone; what made them different is not."""

from collections.abc import Mapping
from pathlib import Path

from hometruth.experiment.drivers.lab import LabDriver
from hometruth.lab import VENDOR_HOSTS, start_collector
from hometruth.model import Arm, Attestation, Rung, TrialStatus, VerdictKind
from tests.audit.paired_runs import OLD_INCOGNITO, SILENT, levels, paired_experiment, paired_plan
from tests.audit.runs import row


class Transport(LabDriver):
    """The vendor's collector tells SDKs to encrypt a whole upload at once instead of each event."""

    def routes(self) -> Mapping[str, str]:
        self._folder.mkdir(parents=True, exist_ok=True)
        collector = self._stack.enter_context(
            start_collector(self._folder / "collector.db", encryption="rsa-transport")
        )
        return dict.fromkeys(VENDOR_HOSTS, collector.url)


def test_random_against_repeated_addresses_show_content_where_the_barcode_is_silent(tmp_path: Path) -> None:
    plan = paired_plan([OLD_INCOGNITO], visits=5, content_pairs=25)
    audit = paired_experiment(tmp_path / "case", plan, driver=Transport)
    (effect,) = [item for item in audit.effects if item.vendor]
    judged = row(audit, "x03.content", **levels(OLD_INCOGNITO))
    run = {trial.arm for trial in audit.trials if trial.status is TrialStatus.DONE}

    assert run == {Arm.CANARIES, Arm.SHAM, Arm.REPEATED}
    assert effect.by_coin
    assert not effect.by_barcode
    assert effect.by_random_addresses
    assert effect.rung is Rung.CONTENT
    assert 0 < effect.content_pairs < 25
    assert judged.verdict is VerdictKind.CONTRADICTED
    assert "was larger where addresses of equal length were random" in judged.why


class ToldAddresses(LabDriver):
    """Lets the app know the coin: it reports nothing of browsing, but is busier at random addresses."""

    def settle(self) -> tuple[Attestation, ...]:
        assert self._session is not None
        phone = self._ready()
        times = {Arm.CANARIES: 12, Arm.REPEATED: 4}.get(self._session.trial.arm or Arm.SHAM, 0)
        if times:
            phone.set_incognito(False)
            for _ in range(times):
                phone.use("change-engine", "duckduckgo")
            phone.set_incognito(True)
        return super().settle()


def test_a_coin_that_the_app_knows_is_no_content_in_these_pairs_either(tmp_path: Path) -> None:
    plan = paired_plan([SILENT], visits=2, content_pairs=20)
    audit = paired_experiment(tmp_path / "case", plan, driver=ToldAddresses)
    (effect,) = [item for item in audit.effects if item.vendor]
    judged = row(audit, "x03.content", **levels(SILENT))

    assert effect.content_is_larger
    assert effect.content_pairs == 20
    assert effect.rung is Rung.OCCURRENCE
    assert judged.verdict is VerdictKind.INCONCLUSIVE
    assert "not the larger, the longer they were" in judged.why
