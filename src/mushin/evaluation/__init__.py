"""Evaluate a model over a data set: tasks, predictions, and the sufficient statistics of all metrics."""
