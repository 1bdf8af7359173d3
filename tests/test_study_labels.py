from __future__ import annotations

from pathlib import Path

import pytest

from mushin.config.plan import CellName
from mushin.errors import CellError
from mushin.study_labels import LABELS, note_labels, noted_cells


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
