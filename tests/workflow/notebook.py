"""What a notebook beside the tiny study does: its two methods, trained and scored by mushin.Study."""

import sys
from functools import partial
from pathlib import Path

import torch
from blobs import load_blobs
from far import Blurred, fit_blurred
from near import Centroids, fit_centroids
from torch.utils.data import DataLoader, TensorDataset

import mushin

DATA = mushin.Data(**load_blobs(samples=90))


def train(seed, name, fit):
    model = fit(mushin.Data(train=DATA.train), seed=seed)
    path = Path("checkpoints") / name / f"{seed}.pt"
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(model.state_dict(), path)
    return path


def load(path):
    model = {"near": Centroids(3, 1.0), "far": Blurred(3)}[path.parent.name]
    model.load_state_dict(torch.load(path, weights_only=True))
    return model


study = mushin.Study(
    {
        "near": partial(train, name="near", fit=partial(fit_centroids, num_classes=3, scale=1.0)),
        "far": partial(train, name="far", fit=partial(fit_blurred, num_classes=3, noise=2.0)),
    },
    load,
    seeds=[int(seed) for seed in sys.argv[1:]],
    data=DataLoader(TensorDataset(*DATA.test), batch_size=256),
    num_classes=3,
    dataset="blobs",
)
study.run()
