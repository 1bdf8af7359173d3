from made_study import made_study
from mushin.comparisons import compare_methods
from mushin.figures.readable import MOST_COMPARISONS, choose_readable


def test_table_that_no_choice_makes_shorter_is_shown_whole():
    datasets = [f"data {number}" for number in range(MOST_COMPARISONS + 1)]
    table = compare_methods(made_study(["a", "b"], n_seeds=2, metrics=["accuracy"], datasets=datasets))
    chosen = choose_readable(table)
    assert len(chosen.of(table)) == len(table) == MOST_COMPARISONS + 1
    assert chosen.left_out == ""


def test_methods_are_chosen_by_their_means_over_data_sets_in_the_direction_of_the_metric():
    methods = [f"m{number}" for number in range(24)]
    ds = made_study(methods, n_seeds=2, metrics=["loss"], datasets=["voc", "city"])
    ds["loss"].loc[{"method": "m23"}] = 0.0
    table = compare_methods(ds)
    assert len(table) > MOST_COMPARISONS
    assert choose_readable(table).methods == {"m23", *methods[:9]}


def test_method_whose_runs_diverged_comes_last():
    methods = [f"m{number}" for number in range(33)]
    ds = made_study(methods, n_seeds=2, metrics=["accuracy"])
    ds["accuracy"].loc[{"method": "m0", "seed": 0}] = float("inf")
    # A rank test takes a diverged run as a loss; only the means matter here.
    table = compare_methods(ds, test="mannwhitney")
    assert choose_readable(table).methods == set(methods[1:11])
