"""The pytest plugin: plant a value, record what the software under test sends, and assert who got it.

Loaded by every run of pytest where Hometruth is installed, so nothing else is imported before a fixture is
used.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from hometruth.audit.testing.recorded import PlantedValue, Recorded, SharedRecorder, Witness

POLICY, ROUTES, SINKHOLE = "hometruth_policy", "hometruth_routes", "hometruth_sinkhole"


NOT_THEIRS = ("mitmproxy", "ldap3", "passlib", "pyparsing")
"""Modules of the recorder that warn of themselves, in its thread: errors there would break TLS."""


class NoControlWarning(pytest.PytestWarning):
    """A test asserts that something was not sent, and shows by nothing that it would have been seen."""


class SentLateWarning(pytest.PytestWarning):
    """What a test says was not sent was sent after its last assertion."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Settings of the project, in its configuration file."""
    parser.addini(
        POLICY, "policy file (TOML) whose permissions, waivers and limits hold in tests", default=""
    )
    parser.addini(ROUTES, "hosts that a server on loopback answers: HOST = URL", type="linelist", default=[])
    parser.addini(SINKHOLE, "let nothing leave the machine: every other host gets a small page", type="bool")


def pytest_configure(config: pytest.Config) -> None:
    """What the recorder's own modules warn of is no matter of the project's tests."""
    for module in NOT_THEIRS:
        config.addinivalue_line("filterwarnings", f"ignore::DeprecationWarning:{module}")


@pytest.fixture(scope="session")
def _hometruth_recorder(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SharedRecorder]:
    from hometruth.errors import needs  # noqa: PLC0415

    with needs("flows", "the recorder of the pytest plugin"):
        from hometruth.audit.testing.recorded import ProxySetting, SharedRecorder  # noqa: PLC0415

    config = request.config
    usual = ProxySetting.of(config.getini(ROUTES), sinkhole=bool(config.getini(SINKHOLE)))
    shared = SharedRecorder(tmp_path_factory.mktemp("hometruth"), usual)
    yield shared
    shared.close()


@pytest.fixture
def _hometruth_witness(request: pytest.FixtureRequest) -> Iterator[Witness]:
    """What one test planted, recorded and asserted."""
    from hometruth.errors import needs  # noqa: PLC0415

    with needs("flows", "the recorder of the pytest plugin"):
        from hometruth.audit.testing.recorded import Witness  # noqa: PLC0415

    file = request.config.getini(POLICY)
    node: pytest.Item = request.node

    def attach(title: str, text: str) -> None:
        node.add_report_section("call", title, text)

    witness = Witness(node.nodeid, request.config.rootpath / file if file else None, attach)
    yield witness
    for told in witness.sent_late:
        warnings.warn(SentLateWarning(f"{node.nodeid}: {told}; assert again at the end"), stacklevel=1)
    if witness.n_silences and not witness.n_controls:
        warnings.warn(
            NoControlWarning(
                f"{node.nodeid} asserts that something was not sent, and has no positive control: "
                "assert_sent(…) shows that it would have been seen"
            ),
            stacklevel=1,
        )


@pytest.fixture
def canary(_hometruth_witness: Witness) -> Callable[..., PlantedValue]:
    """``canary(kind="search", name=None)`` mints a value that exists nowhere else; it is a ``str``."""
    return _hometruth_witness.mint


@pytest.fixture
def known(_hometruth_witness: Witness) -> Callable[..., PlantedValue]:
    """``known(value, name)``: a value that exists anyway, such as a test user's e-mail address."""
    return _hometruth_witness.know


@pytest.fixture
def record(
    _hometruth_recorder: SharedRecorder, _hometruth_witness: Witness
) -> Iterator[Callable[..., Recorded]]:
    """``record(routes={host: url}, sinkhole=False, upstream_ca=None)`` starts a `Recorded` of your own."""
    from hometruth.audit.testing.recorded import ProxySetting  # noqa: PLC0415

    def start(
        routes: dict[str, str] | None = None, *, sinkhole: bool = False, upstream_ca: object = None
    ) -> Recorded:
        setting = ProxySetting.of(
            [f"{host} = {url}" for host, url in (routes or {}).items()],
            sinkhole=sinkhole,
            upstream_ca=None if upstream_ca is None else str(upstream_ca),
        )
        return _hometruth_witness.watch(_hometruth_recorder, setting)

    yield start
    _hometruth_witness.end()
    _hometruth_recorder.forget()


@pytest.fixture
def recorded(_hometruth_recorder: SharedRecorder, _hometruth_witness: Witness) -> Iterator[Recorded]:
    """A recording proxy for this test: its ``url``, ``ca_file``, ``environment``, ``playwright`` and more."""
    yield _hometruth_witness.watch(_hometruth_recorder, _hometruth_recorder.usual)
    _hometruth_witness.end()
    _hometruth_recorder.forget()


@pytest.fixture
def assert_not_leaked(_hometruth_witness: Witness) -> Callable[..., None]:
    """``assert_not_leaked(value, to=…, except_for=…)``: nobody else got it, and enough was seen."""
    return _hometruth_witness.assert_not_leaked


@pytest.fixture
def assert_sent(_hometruth_witness: Witness) -> Callable[..., None]:
    """``assert_sent(value, to=…)``: it arrived there. The positive control."""
    return _hometruth_witness.assert_sent
