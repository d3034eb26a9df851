"""A page on paper, through Chromium where there is one: the page itself runs nothing and loads nothing."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from hometruth.errors import HometruthError

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
TIMEOUT_S = 120
"""The report of a large case takes seconds; a browser that cannot start takes for ever."""


def write_pdf(html: str, target: Path) -> None:
    """Print *html* to *target*.

    Raises:
        HometruthError: If there is no Chromium, or it does not print.
    """
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        raise HometruthError(f"no Chromium on this machine (looked for {', '.join(PROGRAMS)}): no PDF")
    with tempfile.TemporaryDirectory(prefix="hometruth-pdf-") as folder:
        page, made = Path(folder) / "page.html", Path(folder) / "page.pdf"
        page.write_text(html, "utf-8")
        command = [program, "--headless", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer"]
        command += ["--disable-background-networking", f"--user-data-dir={folder}/profile"]
        if os.geteuid() == 0:
            command.append("--no-sandbox")  # Chromium refuses root with one
        try:
            subprocess.run(
                [*command, f"--print-to-pdf={made}", page.as_uri()],
                check=True,
                capture_output=True,
                timeout=TIMEOUT_S,
                env={**os.environ, "HOME": folder},
            )
            shutil.copyfile(made, target)
        except (OSError, subprocess.SubprocessError) as err:
            raise HometruthError(f"{target}: {program} did not print the page: {err}") from err
