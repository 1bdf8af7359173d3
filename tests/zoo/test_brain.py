import importlib.util
import subprocess
import sys
from pathlib import Path

import nibabel
import numpy as np
import pytest
import torch

from mushin.errors import ConfigError, DataError
from mushin.metrics.catalog import get_metric
from mushin.training.data import check_labels
from mushin.zoo import brain
from mushin.zoo.blocks import hold_out_blocks
from mushin.zoo.brain import load_brain


@pytest.fixture(scope="module")
def data():
    return load_brain()


def all_labels():
    split = {"test_blocks": 1, "block_slices": 1, "gap": 0}
    data = load_brain(certainty=0.0, **split)
    labels = torch.zeros(brain.N_SLICES, 80, 96, dtype=torch.int64)
    for part, indices in zip((data.train, data.test), hold_out_blocks(len(labels), **split), strict=True):
        labels[indices] = part[1]
    return labels


@pytest.fixture(scope="module")
def template():
    """The shipped files, read without mushin."""
    folder = Path(importlib.util.find_spec("nilearn").origin).parent / "datasets/data"
    files = [folder / f"mni_icbm152_{kind}_tal_nlin_sym_09a_converted.nii.gz" for kind in ("t1", "gm", "wm")]
    return [np.asarray(nibabel.load(file).dataobj).astype(float) for file in files]


def test_slices_are_images_with_masks(data):
    for (images, labels), n_slices in ((data.train, 65), (data.test, 48)):
        assert images.dtype is torch.float32
        assert images.shape == (n_slices, 1, 80, 96)
        assert labels.dtype is torch.int64
        assert labels.shape == (n_slices, 80, 96)
        check_labels(labels, 4, ignore_index=255)
        assert labels.unique().tolist() == [0, 1, 2, 3, 255]
    assert data.class_names == ("background", "csf", "grey matter", "white matter")


def test_a_certainty_of_0_labels_every_pixel_and_a_higher_one_fewer(data):
    everything = load_brain(certainty=0.0)
    stricter = load_brain(certainty=0.9)
    assert (everything.test[1] != 255).all()
    assert (stricter.test[1] == 255).sum() > (data.test[1] == 255).sum() > 0
    labelled = data.test[1] != 255
    assert torch.equal(data.test[1][labelled], everything.test[1][labelled])


def test_labels_follow_the_tissue_maps_of_the_template(template):
    t1, grey, white = template
    data = load_brain(downsample=1, certainty=0.6, test_blocks=1, block_slices=12, gap=0)
    first = 12 + 62  # the first slice with enough brain, and the start of the middle block
    window = (slice(18, 178), slice(21, 213), slice(first, first + 12))
    t1, grey, white = (np.moveaxis(volume[window], 2, 0) for volume in (t1, grey, white))
    labels = data.test[1].numpy()
    assert ((labels == 0) == (t1 == 0)).all()
    for label, share in ((1, 255 - grey - white), (2, grey), (3, white)):
        assert ((labels == label) == ((t1 > 0) & (share >= 0.6 * 255))).all()


def test_no_part_of_the_brain_is_cropped(template):
    t1 = template[0]
    enough = (t1 > 0).mean(axis=(0, 1)) >= 0.05
    assert enough.sum() == brain.N_SLICES == 137
    assert t1[18:178, 21:213, enough].sum() == t1[:, :, enough].sum()


def test_tissue_maps_never_add_up_to_more_than_1(template):
    _, grey, white = template
    assert (grey + white).max() == 255


def test_images_are_standardised_by_the_training_slices_alone(data):
    assert float(data.train[0].double().mean()) == pytest.approx(0, abs=1e-5)
    assert float(data.train[0].double().std(correction=0)) == pytest.approx(1, abs=1e-5)
    assert abs(float(data.test[0].mean())) > 1e-3


def test_no_slice_is_in_both_splits_or_beside_the_other():
    train, test = hold_out_blocks(brain.N_SLICES, test_blocks=4, block_slices=12, gap=3)
    assert np.abs(train[:, None] - test[None]).min() == 4
    whole = load_brain(test_blocks=1, block_slices=1, gap=0)
    assert len(whole.train[1]) == 136


def test_copying_the_nearest_training_slice_scores_less_on_blocks_than_on_a_random_split():
    labels = all_labels()
    shuffled = np.random.default_rng(0).permutation(brain.N_SLICES)
    blocks = hold_out_blocks(brain.N_SLICES, test_blocks=4, block_slices=12, gap=3)
    found = {}
    for name, (train, test) in {"blocks": blocks, "random": (shuffled[48:], shuffled[:48])}.items():
        nearest = train[np.abs(train[None] - test[:, None]).argmin(axis=1)]
        counts = torch.bincount(labels[test].flatten() * 4 + labels[nearest].flatten(), minlength=16)
        found[name] = float(get_metric("miou").score({"confusion": counts.view(4, 4).numpy()}))
    assert found["blocks"] < 0.55
    assert found["random"] > 0.75


def test_every_call_gives_the_same_slices(data):
    torch.manual_seed(1)
    again = load_brain()
    for ours, theirs in zip((*data.train, *data.test), (*again.train, *again.test), strict=True):
        assert torch.equal(ours, theirs)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"certainty": 1.5}, "certainty: 1.5; accepted: a number from 0 to 1"),
        ({"certainty": float("nan")}, "certainty: nan"),
        ({"downsample": 3}, "downsample: 3; accepted: 1, 2 or 4"),
        ({"block_slices": 28}, "block_slices: 28; accepted: 1 to 27"),
    ],
)
def test_a_setting_out_of_range_is_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        load_brain(**settings)


@pytest.mark.parametrize("package", ["nilearn", "nibabel"])
def test_a_missing_package_is_named_with_its_extra(monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(DataError, match=rf"need {package}.*pip install 'mushin\[examples\]'"):
        load_brain()


def test_a_nilearn_without_the_template_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(brain, "extra_folder", lambda *names: tmp_path)
    with pytest.raises(DataError, match=r"mni_icbm152_t1\S+: no such file; install a nilearn that ships it"):
        load_brain()


def test_another_template_is_refused(monkeypatch, tmp_path):
    folder = tmp_path / "datasets" / "data"
    folder.mkdir(parents=True)
    image = nibabel.Nifti1Image(np.zeros((2, 2, 2), dtype=np.uint8), np.eye(4))
    nibabel.save(image, folder / "mni_icbm152_t1_tal_nlin_sym_09a_converted.nii.gz")
    monkeypatch.setattr(brain, "extra_folder", lambda *names: tmp_path)
    with pytest.raises(DataError, match=r"has the shape \(2, 2, 2\); accepted: the 1 mm template"):
        load_brain()


def test_nilearn_itself_is_not_imported():
    code = (
        "import sys; from mushin.zoo.brain import load_brain; load_brain(); print('nilearn' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "False"
