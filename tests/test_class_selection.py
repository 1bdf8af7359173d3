"""Classes merged and chosen by label."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix

from mushin.class_selection import select_classes
from mushin.errors import ConfigError, UnknownNameError

NAMES = ["cat", "dog", "car", "bus"]
COUNTS = np.arange(16).reshape(4, 4)


def test_nothing_asked_for_changes_nothing():
    selection = select_classes(NAMES)
    assert selection.changes_nothing
    assert selection.names == tuple(NAMES)
    assert selection.apply(COUNTS) is COUNTS


def test_merged_class_stands_where_its_first_one_stood():
    assert select_classes(NAMES, {"x": ["bus", "dog"]}).names == ("cat", "x", "car")
    assert select_classes(NAMES, {"x": ["bus", "dog"]}).members == ((0,), (1, 3), (2,))


def test_merged_class_may_have_the_label_of_one_of_its_own():
    assert select_classes(NAMES, {"cat": ["cat", "dog"]}).names == ("cat", "car", "bus")


def test_chosen_classes_have_the_order_asked_for():
    selection = select_classes(NAMES, classes=["bus", "cat"])
    assert selection.apply(COUNTS).tolist() == [[15, 12], [3, 0]]
    assert selection.leaves_out


def test_merged_classes_can_be_chosen():
    selection = select_classes(NAMES, {"animal": ["cat", "dog"]}, ["bus", "animal"])
    assert selection.apply(COUNTS).tolist() == [[15, 12 + 13], [3 + 7, 0 + 1 + 4 + 5]]


def test_all_classes_in_another_order_leave_nothing_out():
    selection = select_classes(NAMES, classes=reversed(NAMES))
    assert not selection.leaves_out
    assert not selection.changes_nothing
    np.testing.assert_array_equal(selection.apply(COUNTS), COUNTS[::-1, ::-1])


@settings(deadline=None, derandomize=True, max_examples=80)
@given(
    group_of=st.lists(st.integers(0, 2), min_size=4, max_size=4).filter(lambda g: len(set(g)) > 1),
    seed=st.integers(0, 99),
)
def test_merging_counts_is_merging_labels(group_of, seed):
    rng = np.random.default_rng(seed)
    targets, predictions = rng.integers(0, 4, (2, 60))
    merges = {f"group {g}": [NAMES[k] for k in range(4) if group_of[k] == g] for g in set(group_of)}
    selection = select_classes(NAMES, merges)
    new = np.array([selection.names.index(f"group {g}") for g in group_of])
    found = selection.apply(confusion_matrix(targets, predictions, labels=range(4)))
    expected = confusion_matrix(new[targets], new[predictions], labels=range(len(selection.names)))
    np.testing.assert_array_equal(found, expected)


def test_leading_axes_are_kept():
    study = np.random.default_rng(0).integers(0, 9, (2, 3, 4, 4))
    selection = select_classes(NAMES, {"animal": ["cat", "dog"]}, ["bus", "animal"])
    found = selection.apply(study)
    np.testing.assert_array_equal(found, [[selection.apply(cell) for cell in row] for row in study])


def test_a_class_keeps_its_position_only_by_itself():
    selection = select_classes(NAMES, {"animal": ["cat", "dog"]})
    assert [selection.position_of(place) for place in (0, 1, 2, 3, 255, None)] == [
        None,
        None,
        1,
        2,
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"merge_classes": {"animal": ["cat", "dgo"]}},
            UnknownNameError,
            r"merge_classes: 'animal': class 'dgo' is unknown; did you mean 'dog'\? Known: cat, dog, car",
        ),
        (
            {"merge_classes": {"animal": "cat"}},
            ConfigError,
            "'animal': got 'cat'; give a list of class labels",
        ),
        ({"merge_classes": {"animal": 3}}, ConfigError, "'animal': got 3; give a list"),
        ({"merge_classes": {"animal": []}}, ConfigError, "'animal': the list is empty"),
        ({"merge_classes": {"animal": ["cat", "cat"]}}, ConfigError, "'cat' appears twice; list it once"),
        (
            {"merge_classes": {"pet": ["cat"], "animal": ["dog", "cat"]}},
            ConfigError,
            "class 'cat' is in 'pet' and in 'animal'; list it once",
        ),
        (
            {"merge_classes": {"car": ["cat", "dog"]}},
            ConfigError,
            "'car' is the label of a class already; choose another",
        ),
        ({"merge_classes": [("a", ["cat"])]}, ConfigError, r"merge_classes is \[.*accepted: \{'animal'"),
        ({"merge_classes": {"all": NAMES}}, ConfigError, "merge_classes: leaves only 'all'; two classes are"),
        ({"classes": ["bus"]}, ConfigError, "classes: leaves only 'bus'; .*'iou_per_class'"),
        ({"classes": []}, ConfigError, "classes: the list is empty"),
        ({"classes": "bus"}, ConfigError, "classes: got 'bus'; give a list"),
        ({"classes": ["bus", "bus"]}, ConfigError, "classes: class 'bus' appears twice"),
        (
            {"classes": ["Bus", "cat"]},
            UnknownNameError,
            "classes: class 'Bus' is unknown; did you mean 'bus'",
        ),
        (
            {"merge_classes": {"animal": ["cat", "dog"]}, "classes": ["cat", "bus"]},
            ConfigError,
            "classes: 'cat' is merged into 'animal'; name that instead",
        ),
    ],
)
def test_a_mistake_is_named(options, error, message):
    with pytest.raises(error, match=message):
        select_classes(NAMES, **options)


def test_a_long_list_of_classes_is_cut():
    with pytest.raises(UnknownNameError, match=r"Known: k0, .*, k19, … \(1000 in all\)$"):
        select_classes([f"k{place}" for place in range(1000)], classes=["other"])
