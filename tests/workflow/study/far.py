"""The same with noise on the centroids, so that it is worse."""

import torch
from near import Centroids, fit_centroids


class Blurred(Centroids):
    def __init__(self, num_classes):
        super().__init__(num_classes, scale=1.0)


def fit_blurred(data, *, seed, num_classes, noise):
    model = Blurred(num_classes)
    model.load_state_dict(fit_centroids(data, seed=seed, num_classes=num_classes, scale=1.0).state_dict())
    model.centers += noise * torch.randn_like(model.centers)
    return model
