"""Tests, corrections, effects, intervals and power on plain arrays; no labels here."""
