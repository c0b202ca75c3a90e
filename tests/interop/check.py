"""Reads exports with transformers, PEFT, MLX, the gguf package and the reference reader of native adapters, and computes
metrics with sacrebleu and rouge-score.

    check.py JOBS.json RESULTS.json

Each job is answered by what the program computes; what is right is decided by the tests.
"""

import json
import sys
import tempfile
import warnings
from pathlib import Path

import gguf
import numpy as np
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

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
    tokenizer = AutoTokenizer.from_pretrained(job["path"])
    ids = [tokenizer.encode(text, add_special_tokens=False) for text in job["texts"]]
    return {"missing": sorted(info["missing_keys"]), "unexpected": sorted(info["unexpected_keys"]), "ids": ids}


def peft_job(job):
    logits(PeftModel.from_pretrained(base_model(job["base"]), job["path"]).eval(), job["tokens"], job["out"])
    return {}


def native_job(job):
    logits(native_adapter.load(base_model(job["base"]), job["path"]), job["tokens"], job["out"])
    return {}


def mlx_job(job):
    """A merged folder; with a base, an adapter of PEFT under the names that MLX has for its parts."""
    import mlx.core as mx
    from mlx_lm.tuner.utils import load_adapters
    from mlx_lm.utils import load_model

    mx.set_default_device(mx.cpu)
    adapter = "base" in job
    model, _ = load_model(Path(job["base"] if adapter else job["path"]))
    if adapter:
        with tempfile.TemporaryDirectory() as folder:
            mlx_adapter(Path(job["path"]), Path(folder), len(model.layers))
            model = load_adapters(model, folder)
    model.eval()
    found = model(mx.array([job["tokens"]]))[0].astype(mx.float32)
    np.array(found).tofile(job["out"])
    return {}


def mlx_adapter(source, target, layers):
    """Names and orientation of MLX; one rank and one scale for all matrices is all that it knows."""
    import mlx.core as mx

    config = json.loads((source / "adapter_config.json").read_text())
    scale = config["lora_alpha"] / config["r"]
    keys = sorted({name.split(".layers.", 1)[1].split(".", 1)[1] for name in config["target_modules"]})
    parameters = {"rank": config["r"], "scale": scale, "dropout": 0.0, "keys": keys}
    (target / "adapter_config.json").write_text(json.dumps({"num_layers": layers, "lora_parameters": parameters}))
    tensors = {
        name.removeprefix("base_model.model.").replace(".lora_A.weight", ".lora_a").replace(".lora_B.weight", ".lora_b"): value.T
        for name, value in mx.load(str(source / "adapter_model.safetensors")).items()
    }
    mx.save_safetensors(str(target / "adapters.safetensors"), tensors)


EXACT = ("F32", "F16", "BF16", "Q8_0", "Q4_0", "Q5_0", "Q5_1")


def gguf_job(job):
    """Whether each tensor holds the bytes that the gguf package makes of the float32 values; of K-quants, which it reads
    only, the largest relative error of what it reads."""
    values = {tensor.name: tensor for tensor in gguf.GGUFReader(job["f32"]).tensors}
    compared, different, errors = 0, [], {}
    for tensor in gguf.GGUFReader(job["path"]).tensors:
        kind = gguf.GGMLQuantizationType(tensor.tensor_type)
        source = values[tensor.name]
        data = source.data.reshape([int(size) for size in reversed(source.shape)]).astype(np.float32)
        if kind.name in EXACT:
            compared += 1
            if gguf.quants.quantize(data, kind).tobytes() != tensor.data.tobytes():
                different.append(tensor.name)
        else:
            read = gguf.quants.dequantize(tensor.data, kind).reshape(data.shape)
            error = float(np.linalg.norm(read - data) / np.linalg.norm(data))
            errors[kind.name] = max(error, errors.get(kind.name, 0.0))
    return {"compared": compared, "different": different, "errors": errors}


def metrics_job(job):
    import sacrebleu
    from rouge_score import rouge_scorer

    most = max(len(refs) for refs in job["references"])
    streams = [[refs[i] if i < len(refs) else None for refs in job["references"]] for i in range(most)]
    scorer = rouge_scorer.RougeScorer(["rougeL"], use_stemmer=False)
    rouge = [
        max(scorer.score(reference, text)["rougeL"].fmeasure for reference in refs)
        for text, refs in zip(job["hypotheses"], job["references"])
    ]
    return {"bleu": sacrebleu.corpus_bleu(job["hypotheses"], streams).score, "rougeL": sum(rouge) / len(rouge)}


JOBS = {
    "transformers": transformers_job,
    "peft": peft_job,
    "mlx": mlx_job,
    "native": native_job,
    "gguf": gguf_job,
    "metrics": metrics_job,
}

results = []
for job in json.loads(Path(sys.argv[1]).read_text()):
    try:
        results.append({"name": job["name"], **JOBS[job["kind"]](job)})
    except Exception as error:
        results.append({"name": job["name"], "error": f"{type(error).__name__}: {error}"})
Path(sys.argv[2]).write_text(json.dumps(results))
