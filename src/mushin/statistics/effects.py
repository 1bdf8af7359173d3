"""Effect sizes of a pair, each with an interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import btdtri, gammaln, nctdtr, ndtri

from mushin.statistics.moments import Moments, pair_noise, pooled_sd
from mushin.statistics.outcome import as_pairs, as_runs
from mushin.statistics.rank_tests import pooled_ranks, signed_ranks
from mushin.statistics.ties import FloatArray
