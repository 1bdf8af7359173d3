from __future__ import annotations

from pathlib import Path

import pytest

from mushin.config.plan import CellName
from mushin.errors import CellError
from mushin.study_labels import LABELS, note_failure, note_labels, noted_cells, noted_failures


def test_cells_of_every_data_set_are_noted_and_the_last_study_of_each_counts(tmp_path: Path) -> None:
    assert noted_cells(tmp_path) == []
    note_labels(tmp_path, "wine", ["mlp", "cnn"], (3, 1))
    note_labels(tmp_path, "digits", ["mlp"], (0,))
    note_labels(tmp_path, "wine", ["mlp"], (3, 1))
    assert noted_cells(tmp_path) == [
        CellName("wine", "mlp", 3),
        CellName("wine", "mlp", 1),
        CellName("digits", "mlp", 0),
    ]


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"format": "mushin-study/9", "datasets": {}}',
        '{"format": "mushin-study/1", "datasets": 3}',
    ],
)
def test_damaged_note_is_named_and_the_next_study_replaces_it(tmp_path: Path, content: str) -> None:
    (tmp_path / LABELS).write_text(content)
    with pytest.raises(CellError, match=r"study\.json: damaged, or of another version; delete it"):
        noted_cells(tmp_path)
    note_labels(tmp_path, "wine", ["mlp"], (3,))
    assert noted_cells(tmp_path) == [CellName("wine", "mlp", 3)]


def test_note_without_labels_is_damaged(tmp_path: Path) -> None:
    (tmp_path / LABELS).write_text('{"format": "mushin-study/1", "datasets": {"wine": {"methods": ["mlp"]}}}')
    with pytest.raises(CellError, match="damaged; delete it"):
        noted_cells(tmp_path)


def test_failures_are_noted_until_the_next_run(tmp_path: Path) -> None:
    note_labels(tmp_path, "wine", ["mlp"], (3, 1))
    note_failure(tmp_path, CellName("wine", "mlp", 3), "ValueError: no\nsuch thing")
    note_failure(tmp_path, CellName("wine", "mlp", 1), "ValueError: neither")
    assert noted_failures(tmp_path) == {"wine/mlp/3": "ValueError: no", "wine/mlp/1": "ValueError: neither"}
    assert len(noted_cells(tmp_path)) == 2
    note_labels(tmp_path, "wine", ["mlp"], (3, 1))
    assert noted_failures(tmp_path) == {}


@pytest.mark.parametrize("labels", ["3", '{"failed": [1]}', '{"failed": 1}'])
def test_note_of_damaged_failures_is_damaged(tmp_path: Path, labels: str) -> None:
    (tmp_path / LABELS).write_text(f'{{"format": "mushin-study/1", "datasets": {{"wine": {labels}}}}}')
    with pytest.raises(CellError, match="damaged; delete it"):
        noted_failures(tmp_path)
