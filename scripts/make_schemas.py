"""Writes docs/reference/schemas/ from the types of what commands print (`hometruth/model/outputs.py`).

Run it after changing a type: `python scripts/make_schemas.py`. A test fails until that is done.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from hometruth.report.schemas import OUTPUTS, schema_of

FOLDER = Path(__file__).parents[1] / "docs" / "reference" / "schemas"


def schema_files() -> Mapping[str, str]:
    """File names and texts."""
    return {f"{name}.json": json.dumps(schema_of(name), indent=1) + "\n" for name in OUTPUTS}


if __name__ == "__main__":
    for old in FOLDER.glob("*.json"):
        old.unlink()
    for name, text in schema_files().items():
        (FOLDER / name).write_text(text, "utf-8")
