import matplotlib as mpl
import pytest

from made_study import made_study
from mushin.errors import ConfigError
from mushin.figures.save import save_figure
from mushin.figures.scores import draw_scores


@pytest.mark.parametrize("ending", ["svg", "png", "pdf"])
def test_same_figure_same_bytes_without_a_date(ending, tmp_path):
    ds = made_study()
    paths = [save_figure(draw_scores(ds), tmp_path / f"{i}.{ending}") for i in range(2)]
    first, second = (path.read_bytes() for path in paths)
    assert first == second
    assert b"CreationDate" not in first
    assert b"<dc:date>" not in first


def test_a_readers_own_settings_change_nothing(tmp_path):
    plain = save_figure(draw_scores(made_study()), tmp_path / "plain.svg").read_bytes()
    own = {"font.size": 20, "axes.grid": True, "lines.linewidth": 9, "svg.fonttype": "none"}
    with mpl.rc_context(own):
        styled = save_figure(draw_scores(made_study()), tmp_path / "styled.svg").read_bytes()
        assert mpl.rcParams["font.size"] == 20
    assert styled == plain


def test_another_ending_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(ConfigError, match=r"\.svg, \.png or \.pdf, not with '\.sgv'; did you mean 'svg'"):
        save_figure(draw_scores(made_study()), tmp_path / "scores.sgv")
    assert list(tmp_path.iterdir()) == []


def test_folder_is_made_and_nothing_else_is_left_in_it(tmp_path):
    path = save_figure(draw_scores(made_study()), tmp_path / "figures" / "scores.png")
    assert [file.name for file in path.parent.iterdir()] == ["scores.png"]
