"""Run a task over a grid of parameters with Hydra, and label what it returns."""
