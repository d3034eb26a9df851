import base64
import hashlib
from dataclasses import replace

from hometruth.model import Audit, CanaryKind, Form, Proof, Stage
from hometruth.report.personal import Masker
from hometruth.report.proofs import SHOWN_WHOLE_BYTES, ProofView, RunKind, StageRun, StageView, proof_view
from hometruth.report.text import mask
from tests.report.audits import CONDITIONS, reported_by_sdk

EMAIL = "anna.miller@example.org"


def laid_out(proof: Proof, *values: str) -> ProofView:
    sightings = [proof.sighting] if proof.sighting.canary.personal else []
    return proof_view(proof, 1, Masker(values), sightings)


def with_last_stage(proof: Proof, data: bytes) -> StageView:
    stages = (*proof.stages[:-1], Stage("json", "", data))
    return laid_out(replace(proof, stages=stages)).stages[-1]


def text_of(stage: StageView) -> str:
    return "".join(run.text for run in stage.runs)


def test_the_planted_value_is_marked_where_it_can_be_read(audit: Audit) -> None:
    proof = audit.proofs[0]
    value = proof.sighting.canary.value
    view = laid_out(proof)

    assert [stage.heading for stage in view.stages][:3] == [
        "body of the request, as sent",
        "form split into fields",
        "percent-encoding undone (%2F is a slash again)",
    ]
    assert StageRun(RunKind.MARK, value) in view.stages[-1].runs
    ((start, end),) = view.stages[-1].marks
    assert proof.stages[-1].data[start:end].decode() == value
    assert not view.stages[0].marks


def test_compressed_bytes_are_shown_in_hexadecimal_with_their_length(audit: Audit) -> None:
    gzipped = laid_out(audit.proofs[0]).stages[3]

    assert gzipped.runs[0].kind is RunKind.HEX
    assert gzipped.runs[0].text.startswith("1f 8b 08")
    assert gzipped.size_bytes == len(audit.proofs[0].stages[3].data)


def test_a_long_stage_keeps_its_ends_and_the_mark_and_counts_the_rest(audit: Audit) -> None:
    value = audit.proofs[0].sighting.canary.value
    data = b"begin " + b"x" * 500_000 + value.encode() + b"y" * 500_000 + b" the end"
    stage = with_last_stage(audit.proofs[0], data)

    shown, left_out = text_of(stage), [run for run in stage.runs if run.kind is RunKind.LEFT_OUT]
    assert shown.startswith("begin ") and shown.endswith(" the end") and value in shown
    assert len(left_out) == 2
    kept = sum(len(run.text) for run in stage.runs if run.kind is not RunKind.LEFT_OUT)
    counted = sum(int(run.text.split()[1].replace(",", "")) for run in left_out)
    assert kept + counted == len(data)


def test_a_long_stage_cuts_no_character_in_two(audit: Audit) -> None:
    for shift in range(4):
        stage = with_last_stage(audit.proofs[0], b"a" * shift + "𝄞".encode() * SHOWN_WHOLE_BYTES)

        assert "\\x" not in text_of(stage)


def test_a_planted_value_of_a_megabyte_is_shortened_too(audit: Audit) -> None:
    value = "z" * 1_000_000
    _, proof = reported_by_sdk(value, CanaryKind.SEARCH, CONDITIONS[1], 1)

    assert all(len(text_of(stage)) < 2_000 for stage in laid_out(proof).stages)


def test_a_digest_is_marked_as_well_as_the_value(audit: Audit) -> None:
    proof = audit.proofs[0]
    digest = hashlib.sha256(proof.sighting.canary.value.encode()).hexdigest()
    hashed = replace(proof.sighting, form=Form("sha256", digest.encode(), 80))
    stage = with_last_stage(replace(proof, sighting=hashed), b"id=" + digest.upper().encode())

    assert StageRun(RunKind.MARK, digest.upper()) in stage.runs


def test_a_personal_value_is_masked_where_open_and_withheld_where_wrapped() -> None:
    _, proof = reported_by_sdk(EMAIL, CanaryKind.KNOWN, CONDITIONS[0], 2, personal=True)
    view = laid_out(proof, EMAIL)

    for stage, raw in zip(view.stages[:4], proof.stages[:4], strict=True):
        assert stage.runs == ()
        assert stage.withheld_sha256 == hashlib.sha256(raw.data).hexdigest()
    for stage in view.stages[4:]:
        assert StageRun(RunKind.MASKED, mask(EMAIL)) in stage.runs
        assert EMAIL not in text_of(stage)


def test_a_proof_of_something_else_withholds_what_wraps_a_personal_value_beside_it() -> None:
    _, personal = reported_by_sdk(EMAIL, CanaryKind.KNOWN, CONDITIONS[0], 2, personal=True)
    _, proof = reported_by_sdk("hqplantedvalue", CanaryKind.SEARCH, CONDITIONS[0], 2, extra=EMAIL)
    beside = replace(personal.sighting, exchange=proof.sighting.exchange)
    view = proof_view(proof, 1, Masker([EMAIL]), [beside])

    assert [bool(stage.withheld_sha256) for stage in view.stages] == [True] * 4 + [False] * 2
    assert EMAIL not in text_of(view.stages[4]) and "hqplantedvalue" in text_of(view.stages[4])
    assert text_of(view.stages[5]) == "hqplantedvalue"


def test_a_wrapped_copy_beside_an_open_one_withholds_the_stage(audit: Audit) -> None:
    data = f"mail={EMAIL}&again=".encode() + base64.b64encode(EMAIL.encode())
    proof = replace(audit.proofs[0], stages=(Stage("request", "", data),))

    assert laid_out(proof, EMAIL).stages[0].withheld_sha256


def test_a_masked_value_at_the_edge_of_a_window_is_not_cut_open(audit: Audit) -> None:
    for shift in range(len(EMAIL) + 2):
        data = b"x" * (180 - shift) + EMAIL.encode() + b"y" * 2_000
        proof = replace(audit.proofs[0], stages=(Stage("request", "", data),))
        shown = text_of(laid_out(proof, EMAIL).stages[0])

        assert "xan" not in shown.replace(mask(EMAIL), "") and "org" not in shown


def test_the_folders_of_the_recording_machine_are_not_told(audit: Audit) -> None:
    assert laid_out(audit.proofs[0]).file == "traffic.mitm"
