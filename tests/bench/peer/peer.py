"""PyTorch's side: transformers and PEFT. One job a process; see ../jobs.ts for what is said."""

import os
import warnings

import torch

from protocol import serve
from training import open_epoch, open_training

warnings.filterwarnings("ignore")
torch.set_num_threads(int(os.environ["BENCH_THREADS"]))

serve({"training": open_training, "epoch": open_epoch})
