"""The regression study of the zoo: the data set, the models, and a whole study from conf/."""

import numpy as np
import pytest
import torch
from scipy import stats
from sklearn import datasets, linear_model, metrics

import mushin
from mushin.cells import read_cell
from mushin.config.make_plan import make_plan
from mushin.config.selection import Selection
from mushin.errors import ConfigError, DataError, TrainingError
from mushin.stages.aggregate import aggregate_study
from mushin.stages.compare import compare_study
from mushin.stages.evaluate import evaluate_cell
from mushin.stages.train import train_cell
from mushin.training.loss import mean_cross_entropy
from mushin.zoo.diabetes import load_diabetes
from mushin.zoo.regressor import MLPRegressor


def run(*arguments):
    """Run a study in this process and return its plan."""
    plan = make_plan(Selection.from_arguments(arguments))
    for cell in plan.cells():
        settings = plan.settings[cell.dataset, cell.method]
        train_cell(cell, settings, plan.folder)
        evaluate_cell(cell, settings, plan.folder)
    path = aggregate_study(plan.folder, plan.datasets, plan.methods, plan.seeds)
    compare_study(path, plan.stats)
    return plan


def test_splits_hold_each_patient_once():
    data = load_diabetes()
    (inputs, targets), (test_inputs, test_targets) = data.train, data.test
    assert inputs.dtype is targets.dtype is torch.float32
    assert (len(targets), len(test_targets)) == (309, 133)
    torch.testing.assert_close(targets.mean(), torch.tensor(0.0), atol=1e-5, rtol=0)
    torch.testing.assert_close(inputs.std(dim=0, correction=0), torch.ones(10))
    ours = np.sort(torch.cat([targets, test_targets]).double().numpy())
    theirs = np.sort(datasets.load_diabetes().target)
    slope = (theirs[-1] - theirs[0]) / (ours[-1] - ours[0])
    np.testing.assert_allclose((ours - ours[0]) * slope + theirs[0], theirs, atol=1e-3)
    assert not torch.equal(load_diabetes(split_seed=1).test[0], test_inputs)


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.1, 0.001])
def test_a_split_without_samples_is_refused(fraction):
    with pytest.raises(ConfigError, match=f"test_fraction: {fraction}; accepted: between 0 and 1"):
        load_diabetes(test_fraction=fraction)


def test_regressor_gives_one_value_per_sample():
    assert MLPRegressor([2, 3], hidden=[])(torch.zeros(5, 2, 3)).shape == (5,)
    assert MLPRegressor([4])(torch.zeros(1, 4)).shape == (1,)


def test_default_loss_refuses_values():
    with pytest.raises(TrainingError, match=r"targets are torch.float32; .* torch\.nn\.MSELoss"):
        mean_cross_entropy(torch.zeros(4), torch.zeros(4))


def test_study_from_conf_equals_scikit_learn_and_scipy(study):
    plan = run("experiment=diabetes", "seeds=0,1", "overrides=training.epochs=60")
    ds = mushin.open_results(study / "results/diabetes/compare.nc")
    assert ds.attrs["metrics"] == "mse mae rmse r2 pearson spearman"
    assert set(ds.dims) == {"method", "seed", "moment"}
    assert "target_value" not in ds
    assert ds["rmse"].attrs["higher_is_better"] == 0
    assert ds["rmse"].attrs["units"] == "units of the target"
    np.testing.assert_array_equal(ds["r2"].attrs["valid_range"], [-np.inf, 1])
    assert "num_classes" not in ds.attrs
    data = load_diabetes()
    fitted = linear_model.LinearRegression().fit(*data.train)
    best = metrics.r2_score(data.test[1], fitted.predict(data.test[0]))
    assert float(ds["r2"].sel(method="linear_regressor", seed=0)) == pytest.approx(best, abs=0.05)
    for cell in plan.cells():
        statistics = read_cell(study / "results/diabetes" / str(cell) / "cell.nc").statistics
        np.testing.assert_array_equal(statistics.target_value, data.test[1].double())
        scores = ds.sel(method=cell.method, seed=cell.seed)
        pair = (statistics.target_value, statistics.predicted_value)
        assert float(scores["mse"]) == pytest.approx(metrics.mean_squared_error(*pair), rel=1e-12)
        assert float(scores["r2"]) == pytest.approx(metrics.r2_score(*pair), rel=1e-12)
        assert float(scores["spearman"]) == pytest.approx(stats.spearmanr(*pair).statistic, rel=1e-12)
    summary = (study / "results/diabetes/summary.csv").read_text()
    assert "spearman" in summary


def test_number_of_classes_has_no_place_in_a_regression(study, edit):
    edit("conf/data/diabetes.yaml", "input_shape: [10]", "input_shape: [10]\nnum_classes: 2")
    edit("conf/experiment/diabetes.yaml", "training:", "training:\n  epochs: 1")
    with pytest.raises(DataError, match=r"the targets are torch\.float32; class labels are integers"):
        run("experiment=diabetes", "seeds=0")
