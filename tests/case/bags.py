"""A small finished case in a bag, made without a run."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hometruth.case import BEFORE, SEALED, Signer, close_bag, create_case, seal_first, write_manifest
from tests.case.test_folder import PLANNED

SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(b"a key for tests, not a secret.. "))


def make_bag(folder: Path, signer: Signer | None = SIGNER) -> Path:
    case = create_case(folder, bag=True)
    case.seal(plan="p\n", claims="c\n", canaries="{}\n", planned=PLANNED, facts={}, at="2026-11-22")
    seal_first(case.folder, BEFORE, ("case.toml", *SEALED), signer)
    case.traffic.write_bytes(b"5:first,6:second,")
    case.verdicts.write_text("[\n]\n")
    case.report.write_text("<html>\n")
    case.lab.mkdir()
    (case.lab / "ledger.jsonl").write_text("the subject's own")
    write_manifest(case.folder)
    close_bag(case.root, {"External-Description": "a test\nof two lines"}, signer)
    return folder
