"""Predictions of any framework: what they must be, and the files that hold them."""
