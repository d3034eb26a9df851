"""What `stamp`, `annex` and `verify` say of a case, to people and to programs."""

import json
from pathlib import Path

import pytest

from tests.case.bags import make_bag
from tests.case.tsa import Authority
from tests.cli.forked import hometruth

pytest.importorskip("asn1crypto", reason="the extra timestamp is not installed")
OWN_CLOCK = "sealed by the examiner's own clock: no time-stamping authority was asked"


def test_a_case_is_stamped_and_its_reply_kept(tmp_path: Path) -> None:
    case, request, ours = make_bag(tmp_path / "case"), tmp_path / "case.tsq", Authority(tmp_path / "ours")
    assert OWN_CLOCK in hometruth("verify", case).stdout
    assert hometruth("stamp", case, "--request", request).returncode == 0
    assert request.stat().st_mode & 0o777 == 0o600
    kept = hometruth("stamp", case, "--token", ours.answer(request))
    annex = hometruth("annex", case, request, "--kind", "other")
    unnamed, named = hometruth("verify", case), hometruth("verify", case, "--tsa-cert", ours.root)

    assert kept.stdout.splitlines() == unnamed.stdout.splitlines()[1:3]
    assert "by a key you have not named: " in kept.stdout
    assert named.stdout.splitlines()[2] == "time stamp checked by rfc3161-client and openssl"
    assert "by the authority you named: " in named.stdout.splitlines()[1]
    assert OWN_CLOCK not in unnamed.stdout + named.stdout
    assert annex.stdout == f"annex   {case}/annex/0001-other\n"
    assert "annex 0001-other, signed by a key you have not named: " in named.stdout
    told = json.loads(hometruth("verify", case, "--tsa-cert", ours.root, "--json").stdout)
    assert (told["stamp"]["named"], list(told["annexes"])) == (True, ["0001-other"])

    other = hometruth("verify", case, "--tsa-cert", Authority(tmp_path / "theirs").root)
    assert (other.returncode, other.stdout[:8]) == (1, "BROKEN  ")


def test_what_cannot_be_done_is_said_and_exits_with_2(tmp_path: Path) -> None:
    case = make_bag(tmp_path / "case")
    (tmp_path / "taken.tsq").write_text("mine")
    for options, told in {
        (): "give either --request, to ask, or --token, to keep the answer",
        ("--request", case / "a.tsq"): "lies in the case, which is sealed",
        ("--request", tmp_path / "taken.tsq"): "nothing is overwritten",
        ("--token", tmp_path / "taken.tsq"): "not a time-stamping authority's answer",
        ("--token", tmp_path / "none.tsr"): "cannot be read",
    }.items():
        done = hometruth("stamp", case, *options)
        assert (done.returncode, told in done.stderr) == (2, True), done.stderr
    assert hometruth("verify", case, "--tsa-cert", tmp_path / "taken.tsq").returncode == 2
    (case / "data" / "verdicts.json").write_text("[]\n")
    assert "a broken case is not stamped" in hometruth("stamp", case, "--request", tmp_path / "b.tsq").stderr
    assert (tmp_path / "taken.tsq").read_text() == "mine"
