"""Figures of a study, each a function from labelled results to a matplotlib ``Figure``."""
