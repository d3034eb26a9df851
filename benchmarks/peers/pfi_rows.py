"""Runs privacy-flow-inspector 0.3.0 on a HAR, in its own environment; prints rows as the scorer reads them.

Through its Python API, because its reports keep only the first pieces of evidence of each finding.
"""

import json
import sys
from pathlib import Path

from privacy_flow_inspector import engine
from privacy_flow_inspector.detectors import Persona
from privacy_flow_inspector.model import Category
from privacy_flow_inspector.policy import Config


def main(har: Path, canaries: Path) -> None:
    """Print one row for each piece of evidence."""
    engine.MAX_EVIDENCE = sys.maxsize
    planted = json.loads(canaries.read_text("utf-8"))["canaries"]
    personas = tuple(Persona(item["id"], item["value"], Category.CONTACT) for item in planted)
    ids = {persona.label for persona in personas}
    config = Config(personas=personas, first_party=("own.example",))
    for finding in engine.inspect([har], config).report.findings:
        label = finding.title.rpartition(" sent to ")[0]
        if finding.rule_id == "PFI-PERSONA" and label in ids:
            for evidence in finding.evidence:
                print(json.dumps({"entry": evidence.entry, "canary": label, "form": evidence.variant}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
