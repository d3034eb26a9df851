import os
import resource
import stat
from pathlib import Path

import pytest

import hometruth
from hometruth.private_file import open_new, write_new


def test_nobody_else_may_read_it_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_new(tmp_path / "a", b"secret")
        write_new(tmp_path / "b", b"for all", mode=0o644)
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == 0o644
    assert (tmp_path / "a").read_bytes() == b"secret"


def test_nothing_is_written_over_and_no_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("there", "link"):
        with pytest.raises(FileExistsError):
            open_new(tmp_path / name)

    assert (tmp_path / "there").read_text() == "old"
    assert not (tmp_path / "elsewhere").exists()


def test_what_does_not_fit_leaves_nothing(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            write_new(tmp_path / "large", bytes(2 << 20))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert not (tmp_path / "large").exists()


def test_no_other_code_makes_private_files_in_its_own_way() -> None:
    source = Path(hometruth.__file__).parent
    found = {str(path.relative_to(source)) for path in source.rglob("*.py") if "O_EXCL" in path.read_text()}

    assert found == {"private_file.py", "capture/proxy/flow_file.py"}  # a recording grows, unbuffered
