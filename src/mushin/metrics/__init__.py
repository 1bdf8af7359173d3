"""Scores from sufficient statistics, and what is known about each of them."""
