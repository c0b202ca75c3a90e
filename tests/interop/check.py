"""Reads exports with transformers, PEFT, the gguf package and the reference reader of native adapters.

    check.py JOBS.json RESULTS.json

Each job is answered by what the program computes; what is right is decided by the tests.
"""

import json
import sys
import warnings
from pathlib import Path

import gguf
import numpy as np
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

sys.path.insert(0, str(Path(__file__).parents[2] / "resources" / "reference"))
import native_adapter

warnings.filterwarnings("ignore")
torch.set_num_threads(1)


def base_model(folder):
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()


def logits(model, tokens, out):
    with torch.no_grad():
        model(torch.tensor([tokens])).logits[0].float().numpy().tofile(out)


def transformers_job(job):
    model, info = AutoModelForCausalLM.from_pretrained(job["path"], dtype=torch.float32, output_loading_info=True)
    logits(model.eval(), job["tokens"], job["out"])
    return {"missing": sorted(info["missing_keys"]), "unexpected": sorted(info["unexpected_keys"])}


def peft_job(job):
    logits(PeftModel.from_pretrained(base_model(job["base"]), job["path"]).eval(), job["tokens"], job["out"])
    return {}


def native_job(job):
    logits(native_adapter.load(base_model(job["base"]), job["path"]), job["tokens"], job["out"])
    return {}


def gguf_job(job):
    """Whether each tensor holds the bytes that the gguf package makes of the float32 values."""
    values = {tensor.name: tensor for tensor in gguf.GGUFReader(job["f32"]).tensors}
    compared, different = 0, []
    for tensor in gguf.GGUFReader(job["path"]).tensors:
        kind = gguf.GGMLQuantizationType(tensor.tensor_type)
        if kind.name not in ("F32", "F16", "BF16", "Q8_0", "Q4_0", "Q5_0", "Q5_1"):
            continue
        source = values[tensor.name]
        data = source.data.reshape([int(size) for size in reversed(source.shape)]).astype(np.float32)
        expected = gguf.quants.quantize(data, kind).tobytes()
        compared += 1
        if expected != tensor.data.tobytes():
            different.append(tensor.name)
    return {"compared": compared, "different": different}


JOBS = {"transformers": transformers_job, "peft": peft_job, "native": native_job, "gguf": gguf_job}

results = []
for job in json.loads(Path(sys.argv[1]).read_text()):
    try:
        results.append({"name": job["name"], **JOBS[job["kind"]](job)})
    except Exception as error:
        results.append({"name": job["name"], "error": f"{type(error).__name__}: {error}"})
Path(sys.argv[2]).write_text(json.dumps(results))
