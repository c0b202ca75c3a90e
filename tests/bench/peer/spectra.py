"""Singular values and vectors of the projections."""

import torch

from models import PROJECTIONS, load_model
from protocol import timed


def matrices_of(path):
    """Weights of the projections in the order of the engine: layer by layer, as the modules stand in the model."""
    model = load_model(path)
    found = [(name, module.weight.detach()) for name, module in model.named_modules() if name.endswith(tuple(PROJECTIONS))]
    return [weight for _, weight in found]


def rank_for(values, threshold):
    """k(m) in float64, as the engine counts it."""
    sums = values.double().cumsum(0)
    return int((sums / sums[-1] < threshold).sum()) + 1


def open_spectra(job):
    matrices = matrices_of(job["model"])

    def run(_number):
        seconds, spectra = timed(lambda: [torch.linalg.svdvals(matrix) for matrix in matrices])
        ranks = [rank_for(values, threshold) for threshold in job["thresholds"] for values in spectra]
        sums = [float(values.double().sum()) for values in spectra]
        return {"seconds": seconds, "values": {"sums of singular values": sums, "ranks": ranks}}

    return {}, run


def open_vectors(job):
    matrices = matrices_of(job["model"])
    ranks = [rank_for(torch.linalg.svdvals(matrix), job["threshold"]) for matrix in matrices]

    def decompose(matrix, k):
        u, s, vt = torch.linalg.svd(matrix, full_matrices=False)
        return u[:, :k].contiguous(), s[:k], vt[:k].contiguous()

    def weighted(vectors, s):
        probe = torch.arange(vectors.shape[0], dtype=torch.float64).cos()
        return float(((vectors.double().T @ probe) * s.double()).square().sum())

    def run(_number):
        seconds, found = timed(lambda: [decompose(matrix, k) for matrix, k in zip(matrices, ranks)])
        left = [weighted(u, s) for u, s, _ in found]
        right = [weighted(vt.T, s) for _, s, vt in found]
        return {"seconds": seconds, "values": {"ranks": ranks, "left": left, "right": right}}

    return {}, run
