from __future__ import annotations

import pytest

from mushin.progress_bar import progress_bar


def test_bar_says_how_far_it_is_and_how_long_the_rest_takes(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar(4, wanted=True, description="train and evaluate") as bar:
        bar.update()
        shown = bar.format_dict | {"elapsed": 30.0, "rate": 0.1, "ncols": None}
        assert bar.format_meter(**shown).endswith("| 1/4 [00:30<00:30, 10.00s/cell]")
    assert "train and evaluate" in capsys.readouterr().err


def test_there_is_none_in_logs(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar(4, wanted=None, description="train and evaluate") as bar:
        bar.update()
    assert capsys.readouterr().err == ""
