import pytest
import torch
from torch.nn.functional import max_pool2d

from mushin.errors import ConfigError
from mushin.training.data import check_labels
from mushin.zoo.drawn_shapes import draw_shapes


def test_drawings_are_images_with_masks():
    data = draw_shapes(n_train=40, n_test=20, size=24)
    for (images, labels), count in ((data.train, 40), (data.test, 20)):
        assert images.dtype is torch.float32
        assert images.shape == (count, 1, 24, 24)
        assert labels.dtype is torch.int64
        assert labels.shape == (count, 24, 24)
        check_labels(labels, 4, ignore_index=255)
        assert labels.unique().tolist() == [0, 1, 2, 3, 255]
    assert data.class_names == ("background", "circle", "square", "triangle")


def test_every_shape_has_a_void_border():
    labels = draw_shapes().train[1]
    for label in (1, 2, 3):
        shape = (labels == label).float()[:, None]
        ring = (max_pool2d(shape, 3, stride=1, padding=1) > 0)[:, 0] & (labels != label)
        assert (labels[ring] == 255).all()


def test_only_the_form_tells_the_shapes_apart():
    images, labels = draw_shapes(noise=0.0).train
    assert images[:, 0][labels == 0].unique().tolist() == [0.0]
    for label in (1, 2, 3):
        assert images[:, 0][labels == label].unique().tolist() == [1.0]


def test_the_shapes_are_about_equally_large():
    labels = draw_shapes(n_train=1000).train[1]
    counts = torch.bincount(labels[labels != 255], minlength=4)[1:].double()
    assert counts.min() > counts.max() / 2


def test_the_drawings_depend_on_their_seed_only():
    torch.manual_seed(1)
    one = draw_shapes(drawing_seed=3)
    torch.manual_seed(2)
    again, other = draw_shapes(drawing_seed=3), draw_shapes(drawing_seed=4)
    assert torch.equal(one.train[0], again.train[0])
    assert torch.equal(one.test[1], again.test[1])
    assert not torch.equal(one.train[1], other.train[1])


def test_no_drawing_is_in_both_splits():
    data = draw_shapes(noise=0.0)
    same = (data.train[0][:, None] == data.test[0][None]).flatten(2).all(2)
    assert not same.any()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_train": 0}, "n_train: 0; accepted: a whole number of at least 1"),
        ({"n_test": -1}, "n_test: -1; accepted: a whole number of at least 1"),
        ({"size": 8}, "size: 8; accepted: a whole number of at least 16"),
        ({"noise": -0.1}, r"noise: -0\.1; accepted: a number of at least 0"),
    ],
)
def test_a_setting_out_of_range_is_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        draw_shapes(**settings)
