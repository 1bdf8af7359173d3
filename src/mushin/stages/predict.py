"""Train one cell whose method predicts by itself: the stage behind rule ``train_predictions``."""

from __future__ import annotations

from contextlib import chdir
from pathlib import Path

from mushin.config.instantiate import bind_target
from mushin.config.plan import CellName, Settings
from mushin.errors import TrainingError
from mushin.layout import TRAINING_RECORD, cell_folder, trained_file
from mushin.predictions.arrays import Predictions, as_predictions, check_predictions
from mushin.predictions.npz import write_npz
from mushin.stages.build import load_data
from mushin.stages.record import record_training, write_record
from mushin.stages.versions import versions_of_targets
from mushin.training.data import Data
from mushin.training.seeding import seed_everything
from mushin.training.visible import hide_test_targets


def predict_cell(cell: CellName, settings: Settings, results: Path) -> str:
    """Have the method of one cell train and predict, and save its predictions with a record.

    Parameters
    ----------
    cell : CellName
        The data set, the method and the seed.
    settings : Settings
        The resolved settings; the method has ``predict``.
    results : Path
        The results folder.

    Returns
    -------
    str
        The SHA-256 of ``predictions.npz``, which is written last but for its record, both whole or not at
        all.

    Raises
    ------
    MushinError
        The data cannot be loaded, or what the method returned is no prediction for each test sample. What
        the method itself raises comes through as it is.
    """
    data = load_data(settings.data)
    predictions = _predict(settings, data, cell.seed)
    path = trained_file(results, cell, settings)
    sha256 = write_npz(path, predictions.arrays())
    record = record_training(sha256, settings, versions=versions_of_targets(settings.method))
    write_record(cell_folder(results, cell) / TRAINING_RECORD, record)
    return sha256


def _predict(settings: Settings, data: Data, seed: int) -> Predictions:
    visible = hide_test_targets(data)
    node = settings.method["predict"]
    seed_everything(seed, deterministic=settings.training["deterministic"])
    function = bind_target(node, where="method: predict", error=TrainingError)
    source = f"method: {node['_target_']}"
    with chdir(Path.cwd()):
        returned = function(visible, seed=seed)
    predictions = as_predictions(returned, source)
    check_predictions(predictions, source, n_samples=len(visible), num_classes=settings.data["num_classes"])
    return predictions
