"""Puts a native adapter of SARA Studio on its base model in PyTorch. Format: docs/native-adapter.md.

    model = load(AutoModelForCausalLM.from_pretrained("BASE", dtype=torch.float32), "ADAPTER FOLDER")
"""

import json
from functools import partial
from pathlib import Path

import torch
from safetensors.torch import load_file


def load(model, folder):
    """Adds the adapter to every matrix that it changes; returns the model."""
    config = json.loads((Path(folder) / "adapter.json").read_text())
    assert (config["format"], config["version"]) == ("sara-studio-adapter", 1), f"{folder} is no adapter of version 1"
    tensors, method = load_file(Path(folder) / "adapter.safetensors"), config["method"]
    turned = {matrix["name"] + ".weight" for matrix in config["matrices"] if matrix["transposed"]}
    if method["name"] == "full":
        for name, value in tensors.items():
            model.get_parameter(name).data = value.T.contiguous() if name in turned else value
        return model.eval()
    for name, rank in ((matrix["name"], matrix["rank"]) for matrix in config["matrices"]):
        module = model.get_submodule(name)
        parts = {key[len(name) + 1 :]: value for key, value in tensors.items() if key.startswith(name + ".")}
        parts["W0"] = module.weight.detach().T if name + ".weight" in turned else module.weight.detach()
        divisor = rank + 1e-5 if method["name"] == "adalora" else rank**0.5 if method.get("rankStabilized") else rank
        scale = method["alpha"] / divisor if method.get("alpha") else method.get("scaling", 1.0)
        term = partial(TERMS[method["name"]], p=parts, c=scale)
        module.register_forward_hook(lambda _module, args, output, term=term: output + term(args[0]))
    return model.eval()


def low_rank(x, p, c):
    """c B diag(lambda) A x; LoRA has no lambda"""
    return c * (x @ p["A"].T * p.get("lambda", 1.0)) @ p["B"].T


def pissa(x, p, c):
    """c (B A - B0 A0) x"""
    return low_rank(x, p, c) - low_rank(x, {"A": p["A0"], "B": p["B0"]}, c)


def dora(x, p, c):
    """(W - W0) x, W the rows of W0 + c B A brought to their lengths m"""
    W = p["W0"] + c * p["B"] @ p["A"]
    return x @ (p["magnitude"][:, None] * W / W.norm(dim=1, keepdim=True) - p["W0"]).T


def mosara(x, p, c):
    """c diag(v) U diag(sum_i g_i lambda_i) z with z = Vt x and g = softmax(R(z)), R(z) = Wg z or W2 (w1 . z)"""
    z = x @ p["Vt"].T
    gates = torch.softmax(z @ p["Wg"].T if "Wg" in p else (z @ p["w1"])[..., None] * p["W2"], dim=-1)
    return c * p.get("v", 1.0) * ((gates @ p["lambda"] * z) @ p["U"].T)


TERMS = {"sara": low_rank, "lora": low_rank, "adalora": low_rank, "pissa": pissa, "dora": dora, "mosara": mosara}
