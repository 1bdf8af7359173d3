from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from mushin.errors import CheckpointError
from mushin.stages.record import FORMAT, TrainingRecord, read_record, write_record

RECORD = TrainingRecord(
    checkpoint_sha256="ab" * 32,
    settings={"data": 'data={"name":"κ"}', "training": "training={}"},
    sources={"data": "data.source={}"},
    history={"loss": [1.5, 0.1 + 0.2, 1e-300]},
    versions={"torch": "2.4"},
)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    write_record(tmp_path / "train.json", RECORD)
    return tmp_path / "train.json"


def assert_refused(path: Path, problem: str) -> None:
    with pytest.raises(CheckpointError, match=f"^{re.escape(str(path))}: .*{problem}.*train the cell again"):
        read_record(path)


def test_record_reads_back_as_it_was_written(written: Path) -> None:
    assert read_record(written) == RECORD


def test_history_and_versions_may_be_left_out(tmp_path: Path) -> None:
    write_record(tmp_path / "train.json", TrainingRecord("ab", {}, {}))
    assert read_record(tmp_path / "train.json") == TrainingRecord("ab", {}, {}, {}, {})


def test_same_record_gives_the_same_bytes(written: Path, tmp_path: Path) -> None:
    turned = TrainingRecord(
        RECORD.checkpoint_sha256,
        dict(reversed(RECORD.settings.items())),
        RECORD.sources,
        RECORD.history,
        RECORD.versions,
    )
    write_record(tmp_path / "again.json", turned)
    assert (tmp_path / "again.json").read_bytes() == written.read_bytes()


def test_missing_record_is_named(tmp_path: Path) -> None:
    assert_refused(tmp_path / "train.json", "no such file")


def test_record_cut_short_anywhere_is_refused(written: Path) -> None:
    content = written.read_bytes()
    for length in range(0, len(content) - 2, 7):
        written.write_bytes(content[:length])
        assert_refused(written, "not a training record")


@pytest.mark.parametrize("content", [b"[]", b'"text"', b"3", b"null", b"{}", b"\xff\xfe", b"not json"])
def test_file_that_is_no_record_is_refused(written: Path, content: bytes) -> None:
    written.write_bytes(content)
    assert_refused(written, "not a training record")


@pytest.mark.parametrize(("key", "value"), [("extra", 1), ("checkpoint_sha256", None)])
def test_record_with_other_keys_is_refused(written: Path, key: str, value: object) -> None:
    content = json.loads(written.read_text())
    content[key] = value
    if value is None:
        del content[key]
    written.write_text(json.dumps(content))
    assert_refused(written, f"not a training record .*{key}")


def test_other_format_is_named(written: Path) -> None:
    written.write_text(written.read_text().replace("mushin-train/1", "mushin-train/0"))
    assert_refused(written, "format 'mushin-train/0'; this version reads mushin-train/1")


@pytest.mark.parametrize(
    "change",
    [
        {"settings": ["data"]},
        {"settings": {"data": 3}},
        {"checkpoint_sha256": None},
        {"checkpoint": 3},
        {"history": {"loss": ["x"]}},
        {"history": {"loss": 3}},
    ],
)
def test_value_of_another_kind_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    content = {"format": FORMAT, "checkpoint_sha256": "ab", "settings": {}, "sources": {}, **change}
    (tmp_path / "train.json").write_text(json.dumps(content))
    with pytest.raises(CheckpointError, match=r"train\.json: not a training record"):
        read_record(tmp_path / "train.json")
