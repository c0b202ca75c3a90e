"""PyTorch's side: transformers and PEFT. One job a process; see ../jobs.ts for what is said."""

import os
import warnings

import torch

from evaluation import open_evaluation, open_generation
from files import make_random_model, open_checkpoint, open_load, open_merge, open_same_tensors
from profiling import open_matmul, open_profile, open_start
from protocol import serve
from spectra import open_spectra, open_vectors
from training import open_epoch, open_training

warnings.filterwarnings("ignore")
torch.set_num_threads(int(os.environ["BENCH_THREADS"]))

serve(
    {
        "training": open_training,
        "epoch": open_epoch,
        "evaluation": open_evaluation,
        "generation": open_generation,
        "spectra": open_spectra,
        "vectors": open_vectors,
        "load": open_load,
        "merge": open_merge,
        "same-tensors": open_same_tensors,
        "checkpoint": open_checkpoint,
        "start": open_start,
        "profile": open_profile,
        "matmul": open_matmul,
        "random-model": make_random_model,
    }
)
