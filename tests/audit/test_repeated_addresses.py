"""Where one ciphertext holds many events, their lengths are gone; what made them different is not."""

from collections.abc import Mapping
from pathlib import Path

from hometruth.experiment.drivers.lab import LabDriver
from hometruth.lab import VENDOR_HOSTS, start_collector
from hometruth.model import Arm, Rung, TrialStatus, VerdictKind
from tests.audit.paired_runs import OLD_INCOGNITO, levels, paired_experiment, paired_plan
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
    assert effect.content_e_value >= effect.content_threshold
    assert effect.rung is Rung.CONTENT
    assert 0 < effect.content_pairs < 25
    assert judged.verdict is VerdictKind.CONTRADICTED
    assert "was larger where addresses of equal length were random" in judged.why
