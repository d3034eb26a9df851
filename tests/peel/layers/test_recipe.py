"""CONTRIBUTING's recipe for a layer, followed literally: one file, one line, found in few and in many."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import hometruth
from tests.recipes import code_blocks

VALUE = "quarry-cinder-162 gravel"


def follow(package: Path) -> None:
    """Add the layer to a copy of the package."""
    file, line = code_blocks("Add a layer")
    function = re.search(r"^def (\w+)", file, re.MULTILINE)
    assert function
    layers = package / "peel" / "layers"
    (layers / "recipe.py").write_text(file, "utf-8")
    listed = (layers / "__init__.py").read_text("utf-8")
    head, mark, tail = listed.partition("LAYERS: tuple[Layer, ...] = (\n")
    imported = f"from hometruth.peel.layers.recipe import {function[1]}\n\n"
    (layers / "__init__.py").write_text(f"{head}{imported}{mark}{line}{tail}", "utf-8")


def swapped(text: str) -> str:
    """What the recipe's layer undoes."""
    pairs = [text[at : at + 2] for at in range(0, len(text), 2)]
    return "SW1:" + "".join(pair[::-1] for pair in pairs)


def entry(number: int, text: str) -> dict[str, object]:
    body = {"mimeType": "text/plain", "text": text}
    url = f"https://collector.example/{number}"
    return {"request": {"method": "POST", "url": url, "headers": [], "postData": body}}


def findings(source: Path, folder: Path, n: int) -> list[dict[str, object]]:
    """What `scan` finds in *n* requests, the last two of which hold the value: in a body, and in JSON."""
    filler = [entry(n, f"event {n}: " + f"nothing to see here {n} " * 12) for n in range(n - 2)]
    last = [entry(n, swapped(VALUE)), entry(n, json.dumps({"e": [1, {"v": swapped(VALUE)}]}))]
    recording = {
        "log": {"version": "1.2", "creator": {"name": "t", "version": "1"}, "entries": filler + last}
    }
    (folder / "capture.har").write_text(json.dumps(recording), "utf-8")
    canaries = [{"id": "c", "kind": "page", "value": VALUE}]
    (folder / "canaries.json").write_text(json.dumps({"canaries": canaries}), "utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "hometruth", "scan", "capture.har", "--canaries", "canaries.json", "--json"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout, ran.stderr
    return list(json.loads(ran.stdout)["findings"])


def test_a_layer_made_by_the_recipe_is_found_in_few_requests_and_in_many(tmp_path: Path) -> None:
    source = tmp_path / "src"
    shutil.copytree(Path(hometruth.__file__).parent, source / "hometruth")
    before = [findings(source, tmp_path, n) for n in (3, 400)]
    follow(source / "hometruth")
    after = [findings(source, tmp_path, n) for n in (3, 400)]

    assert before == [[], []]
    assert [len(each) for each in after] == [2, 2]
