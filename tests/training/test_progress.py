import io
import sys

import pytest

from mushin.training.progress import Epoch, Progress, ProgressBar, ProgressLines, default_progress

EPOCH = Epoch(number=3, total=20, loss=0.41234, learning_rate=0.001, seconds=0.81)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_log_gets_one_line_per_epoch():
    stream = io.StringIO()
    report = ProgressLines(stream)
    report.start(2)
    report.end_batch()
    report.end_epoch(EPOCH)
    report.close()
    assert stream.getvalue() == "epoch 3/20  loss 0.4123  lr 0.001  0.8 s\n"


def test_the_validation_loss_is_shown_where_there_is_one():
    watched = Epoch(number=1, total=1, loss=1.0, learning_rate=1.0, seconds=0.0, validation_loss=2.0)
    assert str(watched) == "epoch 1/1  loss 1.0000  validation 2.0000  lr 1  0.0 s"


def test_a_terminal_gets_a_bar_that_counts_steps():
    stream = Terminal()
    report = ProgressBar(stream)
    report.start(2)
    report.end_batch()
    report.end_batch()
    report.end_epoch(EPOCH)
    shown = stream.getvalue()
    report.close()
    assert "2/2" in shown
    assert "epoch 3/20  loss 0.4123" in shown


@pytest.mark.parametrize(("stream", "kind"), [(Terminal(), ProgressBar), (io.StringIO(), ProgressLines)])
def test_the_default_depends_on_the_terminal(monkeypatch, stream, kind):
    monkeypatch.setattr(sys, "stderr", stream)
    assert type(default_progress()) is kind


def test_the_base_is_silent(capfd):
    report = Progress()
    report.start(1)
    report.end_batch()
    report.end_epoch(EPOCH)
    report.close()
    assert capfd.readouterr() == ("", "")
