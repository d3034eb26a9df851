"""`python -m benchmarks.shop FOLDER`: `examples/shop` once through a real Chromium, and who names which leak.

`hometruth gate` reads the recording, and the HAR that mitmproxy makes of it; privacy-flow-inspector reads the
latter, as a gate: told who the shop is and what was typed, at its defaults.
"""

import argparse
import importlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import hometruth
from benchmarks.run import PFI, environment
from hometruth.audit.testing.recorded import ProxySetting, Recorded, SharedRecorder
from hometruth.canaries import mint

SHOP = Path(__file__).parents[1] / "examples" / "shop"
LIMIT_S = 120
WAYS = (
    *("as it is", "SHA-256", "base64", "WebSocket", "beacon", "service worker", "embedded page", "protobuf"),
    "the shop's name for others",
)
"""How each recipient of the example gets it, in its order."""


def main() -> int:
    """Record, ask each tool, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="a new folder")
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True)
    sys.path.insert(0, str(SHOP))
    shop: Any = importlib.import_module("shop")
    canary = mint("account").value
    recording = _recorded(folder, shop, canary)
    har = folder / "shop.har"
    _as_har(recording, har)
    known = folder / "canaries.json"
    known.write_text(json.dumps({"account": canary}))
    columns = {}
    for name, capture in (("recording", recording), ("HAR", har)):
        gated = hometruth.gate(capture, canaries=known, policy=SHOP / "policy.toml", jobs=1)
        columns[f"hometruth, {name}"] = {each.recipient: str(each.ruling) for each in gated.leaks}
    columns[PFI] = _inspected(folder, har, canary, shop.SHOP)
    sys.stdout.write(f"| recipient | told by | {' | '.join(columns)} |\n|---|---|{'---|' * len(columns)}\n")
    for recipient, way in zip(shop.RECIPIENTS, WAYS, strict=True):
        cells = (told.get(recipient, "") for told in columns.values())
        sys.stdout.write(f"| `{recipient}` | {way} | {' | '.join(cells)} |\n")
    others = {name: sorted(set(told) - set(shop.RECIPIENTS)) for name, told in columns.items()}
    sys.stdout.write(f"\nNamed besides: {json.dumps(others)}\n")
    return 0


def _recorded(folder: Path, shop: Any, canary: str) -> Path:
    """The leaky shop, visited by Chromium with *canary* as the customer."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("no Chromium on this machine")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with shop.Shop() as serving:
        setting = ProxySetting.of([f"{host} = {serving.url}" for host in shop.HOSTS], sinkhole=False)
        shared = SharedRecorder(folder, setting)
        recorded = Recorded(shared, setting, "the shop")
        quiet = ("--headless=new", "--disable-gpu", "--no-first-run", "--disable-background-networking")
        features = "--disable-features=LocalNetworkAccessChecks,OptimizationHints"
        where = (f"--user-data-dir={folder / 'profile'}", "--dump-dom")
        url = f"https://{shop.SHOP}/leaky?email={canary}"
        command = [chromium, *quiet, features, *sandbox, *recorded.browser_arguments, *where, url]
        subprocess.run(command, capture_output=True, timeout=LIMIT_S, check=True)
        recorded.settled()
        shared.close()
    return recorded.flow_file


def _as_har(recording: Path, har: Path) -> None:
    from mitmproxy.addons.savehar import SaveHar  # noqa: PLC0415 - takes a second
    from mitmproxy.http import HTTPFlow  # noqa: PLC0415
    from mitmproxy.io import FlowReader  # noqa: PLC0415

    with recording.open("rb") as file:
        flows = [flow for flow in FlowReader(file).stream() if isinstance(flow, HTTPFlow)]
    har.write_text(json.dumps(SaveHar().make_har(flows)))


def _inspected(folder: Path, har: Path, canary: str, shop: str) -> dict[str, str]:
    """Sites that the published package names for what was typed, each with its severity."""
    python = environment(folder / "privacy-flow-inspector", [PFI])
    config, out = folder / "inspector.toml", folder / "inspector.json"
    config.write_text(
        f'[first_party]\ndomains = ["{shop}"]\n'
        f'[[persona]]\nlabel = "account"\nvalue = "{canary}"\ncategory = "contact"\n'
    )
    files = [str(har), "--config", str(config), "--json", str(out)]
    command = [python, "-m", "privacy_flow_inspector", "scan", *files]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    sys.stdout.write(done.stdout.partition("Requests:")[0] + "\n")
    told = {}
    for finding in reversed(json.loads(out.read_text())["findings"]):  # the most severe come first
        if finding["rule_id"] == "PFI-PERSONA":
            own = ", as the shop's own" if finding["first_party"] else ""
            told[finding["recipient"]] = finding["severity"] + own
    return told


if __name__ == "__main__":
    raise SystemExit(main())
