"""Train a method under a seed: data, randomness, the supervised loop, checkpoints."""
