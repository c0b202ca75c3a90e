"""Where the time of a step goes, and how fast products can be."""

import torch
from torch.profiler import ProfilerActivity, profile

from protocol import timed
from training import open_training


def open_profile(job):
    _, run = open_training(job["training"])
    run(0)
    with profile(activities=[ProfilerActivity.CPU], with_flops=True) as recorded:
        outcome = run(1)
    extra = {"seconds": outcome["seconds"]}
    for event in recorded.key_averages():
        name = event.key.removeprefix("aten::")
        extra[f"{name}|calls"] = event.count
        extra[f"{name}|seconds"] = event.self_cpu_time_total / 1e6
        # The profiler counts element-wise kernels too; a rate is only worth stating of products.
        if event.flops > 0 and "mm" in name:
            extra[f"{name}|flop"] = event.flops
    return {"values": {}, "extra": extra}, None


def open_matmul(job):
    a = torch.full((job["size"], job["size"]), 0.5)

    def run(_number):
        seconds, _ = timed(lambda: [a @ a for _ in range(job["times"])])
        return {"seconds": seconds, "values": {}}

    return {}, run


def open_start(_job):
    import platform

    import peft
    import transformers

    versions = {"PyTorch": torch.__version__, "transformers": transformers.__version__, "PEFT": peft.__version__}
    return {"values": {}, "texts": versions | {"Python": platform.python_version()}}, None
