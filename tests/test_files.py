from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mushin.files import replacing, seal_of, write_bytes, write_text


def test_text_is_written_as_utf8_without_translation(tmp_path: Path) -> None:
    write_text(tmp_path / "a.txt", "naïve\r\nκ\n")
    assert (tmp_path / "a.txt").read_bytes() == "naïve\r\nκ\n".encode()


def test_missing_folders_are_made(tmp_path: Path) -> None:
    write_bytes(tmp_path / "a/b/c.bin", b"x")
    assert (tmp_path / "a/b/c.bin").read_bytes() == b"x"


def test_reader_sees_the_old_file_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with replacing(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
        assert temporary.parent == path.parent
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    def fail_half_way() -> None:
        with replacing(path) as temporary:
            temporary.write_text("ne")
            raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        fail_half_way()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_body_that_writes_nothing_is_an_error_and_no_empty_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), replacing(tmp_path / "a.txt"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_temporary_names_are_hidden_and_differ(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with replacing(path) as first, replacing(path) as second:
        assert first != second
        assert all(name.name.startswith(".") and name.suffix == ".partial" for name in (first, second))
        first.write_text("1")
        second.write_text("2")
    assert path.read_text() == "1"


def test_seal_keeps_the_content_and_tells_that_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    with replacing(path, sealed=True) as temporary:
        temporary.write_bytes(b"content")
    assert path.read_bytes().startswith(b"content\nsealed by mushin, sha256 ")
    assert seal_of(path) == "whole"


@pytest.mark.parametrize("content", [b"", b"x", b"content\n" * 100])
def test_file_without_a_seal_has_none(tmp_path: Path, content: bytes) -> None:
    write_bytes(tmp_path / "a.bin", content)
    assert seal_of(tmp_path / "a.bin") == "absent"


def test_seal_that_is_cut_short_counts_as_absent(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    with replacing(path, sealed=True) as temporary:
        temporary.write_bytes(b"")
    path.write_bytes(path.read_bytes()[:-1])
    assert seal_of(path) == "absent"


@settings(derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(), data=st.data())
def test_no_changed_byte_and_no_cut_leaves_a_file_whole(
    tmp_path: Path, content: bytes, data: st.DataObject
) -> None:
    path = tmp_path / "a.bin"
    with replacing(path, sealed=True) as temporary:
        temporary.write_bytes(content)
    sealed = bytearray(path.read_bytes())
    position = data.draw(st.integers(0, len(sealed) - 1))
    path.write_bytes(sealed[:position])
    assert seal_of(path) != "whole"
    sealed[position] ^= data.draw(st.integers(1, 255))
    path.write_bytes(sealed)
    assert seal_of(path) != "whole"
