"""Templates for continuous integration: their scripts are run as those systems run them."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.cli.test_gate import HASHED, LOGIN, MAIL, POLICY, TOKEN
from tests.cli.test_scan import har

ROOT = Path(__file__).parents[2]
CI = ROOT / "examples" / "ci"
PROGRAMS = f"{Path(sys.executable).parent}:{os.environ['PATH']}"


def yaml(path: Path) -> Any:
    return YAML(typ="safe").load(path.read_text("utf-8"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "canaries.json").write_text(json.dumps({"email": MAIL, "token": TOKEN}))
    (tmp_path / "policy.toml").write_text(POLICY)
    (tmp_path / "recordings").mkdir()
    har(tmp_path / "recordings" / "a b.har", LOGIN, HASHED)
    return tmp_path


def bash(script: str, folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["bash", "-e"],
        input=script,
        cwd=folder,
        env={**os.environ, "PATH": PROGRAMS, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def act(project: Path, *, path: str = PROGRAMS, **more: str) -> "subprocess.CompletedProcess[str]":
    """The action's step that gates, with these inputs."""
    action = yaml(ROOT / "action.yml")
    (step,) = (each for each in action["runs"]["steps"] if each.get("id") == "gate")
    given = {"captures": "\nrecordings/*.har\n", "canaries": "canaries.json", "policy": "policy.toml", **more}
    defaults = {name: each.get("default", "") for name, each in action["inputs"].items()}
    values = {
        name: re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda match: {**defaults, **given}[match[1]], text)
        for name, text in step["env"].items()
    }
    values |= {"GITHUB_OUTPUT": "outputs", "GITHUB_STEP_SUMMARY": "summary.md"}
    return bash(step["run"], project, PATH=path, **values)


def test_the_action_fails_writes_every_output_and_says_why(project: Path) -> None:
    action = yaml(ROOT / "action.yml")
    done = act(project, under="consent=refused")

    assert done.returncode == 1, done.stderr
    assert (project / "outputs").read_text() == "exit-code=1\nsarif=./gate.sarif\n"
    assert "under consent=refused" in (project / "summary.md").read_text().replace("\\", "")
    assert json.loads((project / "gate.json").read_text())["outcome"] == "leaked"
    assert set(action["outputs"]) == {"exit-code", "sarif"}


def test_nothing_but_a_leak_gives_the_code_that_accuses(project: Path) -> None:
    (project / "a file").write_text("")
    (project / "programs").mkdir()
    for name in ("bash", "mkdir"):
        (project / "programs" / name).symlink_to(shutil.which(name) or "")
    fails = project / "programs" / "hometruth"
    for folder, path, script in (
        ("a file", PROGRAMS, ""),
        (".", str(project / "programs"), ""),
        (".", str(project / "programs"), "exit 1"),
        (".", str(project / "programs"), "kill -9 $$"),
    ):
        fails.write_text(f"#!/bin/sh\n{script}\n" if script else "")
        fails.chmod(0o755 if script else 0o644)
        (project / "outputs").unlink(missing_ok=True)
        done = act(project, folder=folder, path=path)
        assert done.returncode == 2, (folder, script, done.stderr)
        assert (project / "outputs").read_text().startswith("exit-code=2\n")
    assert act(project, folder="new folder").returncode == 1
    assert (project / "new folder" / "gate.sarif").exists()
    (install,) = (each for each in yaml(ROOT / "action.yml")["runs"]["steps"] if each["name"] == "Install")
    at = {"PATH": str(project / "programs"), "RUNNER_TEMP": str(project), "SOURCE": ".", "EXTRAS": "fast"}
    assert bash(install["run"], project, GITHUB_PATH="path", **at).returncode == 2


def test_gitlab_jenkins_and_any_shell_fail_and_leave_what_they_promise(project: Path) -> None:
    job, jenkins = yaml(CI / "gitlab-ci.yml")["gate"], (CI / "Jenkinsfile").read_text("utf-8")
    install, step = re.findall(r"^ +sh '(.*)'$", jenkins, re.MULTILINE)
    promised = [*job["artifacts"]["paths"], job["artifacts"]["reports"]["junit"]]
    shutil.copy(CI / "gate.sh", project)
    for script in ("\n".join(job["script"]), (CI / "gate.sh").read_text("utf-8"), step):
        done = bash(script, project)
        assert done.returncode == 1, done.stderr
        assert all((project / name).stat().st_size for name in promised)
        for name in promised:
            (project / name).unlink()
    assert {*re.findall(r"gate\.\w+", jenkins.partition("post {")[2])} == {*promised}
    (project / "programs").mkdir()
    for name in ("pip", "python3"):
        failing = project / "programs" / name
        failing.write_text("#!/bin/sh\nexit 1\n")
        failing.chmod(0o755)
    for script in ("\n".join([*job["before_script"], *job["script"]]), install):
        assert bash(script, project, PATH=f"{project / 'programs'}:{PROGRAMS}").returncode == 2


def test_the_hook_is_given_the_recordings_that_are_committed(project: Path) -> None:
    (hook,) = yaml(ROOT / ".pre-commit-hooks.yaml")
    entry = f"{hook['entry']} --canaries canaries.json --policy policy.toml 'recordings/a b.har'"

    assert re.search(hook["files"], "recordings/a b.har")
    assert bash(entry, project).returncode == 1


def test_the_workflow_of_github_gives_the_action_inputs_that_it_has() -> None:
    (job,) = yaml(CI / "github.yml")["jobs"].values()
    (step,) = (each for each in job["steps"] if each.get("id") == "gate")
    inputs = yaml(ROOT / "action.yml")["inputs"]

    assert step["with"].keys() <= inputs.keys()
    assert {name for name, each in inputs.items() if each.get("required")} <= step["with"].keys()
