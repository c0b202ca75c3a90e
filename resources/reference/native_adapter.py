"""Puts a native adapter of SARA Studio on its base model in PyTorch: load(base, folder). Format: docs/native-adapter.md.

    model = load(AutoModelForCausalLM.from_pretrained("BASE", dtype=torch.float32), "ADAPTER FOLDER")
"""

import json
from pathlib import Path

import torch
from safetensors.torch import load_file


def load(model, folder):
    """Adds the adapter to every matrix that it changes; returns the model."""
    config = json.loads((Path(folder) / "adapter.json").read_text())
    if config["format"] != "sara-studio-adapter" or config["version"] != 1:
        raise ValueError(f"{folder} is not a native adapter of version 1")
    tensors = load_file(Path(folder) / "adapter.safetensors")
    if config["method"]["name"] == "full":
        return full(model, config, tensors)
    for matrix in config["matrices"]:
        name = matrix["name"]
        parts = {key[len(name) + 1 :]: value for key, value in tensors.items() if key.startswith(name + ".")}
        module = model.get_submodule(name)
        parts["W0"] = module.weight.T if matrix["transposed"] else module.weight
        term = METHODS[config["method"]["name"]](parts, config["method"], matrix["rank"])
        module.register_forward_hook(lambda _module, args, output, term=term: output + term(args[0]))
    return model.eval()


def full(model, config, tensors):
    """The trained tensors in the place of the model's own."""
    turned = {matrix["name"] + ".weight" for matrix in config["matrices"] if matrix["transposed"]}
    with torch.no_grad():
        for name, value in tensors.items():
            model.get_parameter(name).copy_(value.T if name in turned else value)
    return model.eval()


def sara(parts, method, _rank):
    """c B diag(lambda) A x"""
    return lambda x: method["scaling"] * (x @ parts["A"].T * parts["lambda"]) @ parts["B"].T


def lora(parts, method, rank):
    """c B A x, c = alpha / r, or alpha / sqrt(r) where rankStabilized"""
    c = scaling(method, rank)
    return lambda x: c * (x @ parts["A"].T) @ parts["B"].T


def pissa(parts, method, rank):
    """c (B A - B0 A0) x"""
    c = scaling(method, rank)
    return lambda x: c * ((x @ parts["A"].T) @ parts["B"].T - (x @ parts["A0"].T) @ parts["B0"].T)


def dora(parts, method, rank):
    """(W - W0) x, W the rows of W0 + c B A brought to their lengths m"""
    W = parts["W0"].detach() + scaling(method, rank) * parts["B"] @ parts["A"]
    W = parts["magnitude"][:, None] * W / W.norm(dim=1, keepdim=True)
    return lambda x: x @ (W - parts["W0"]).T


def adalora(parts, method, rank):
    """c B diag(lambda) A x, c = alpha / (r + 1e-5)"""
    c = method["alpha"] / (rank + 1e-5)
    return lambda x: c * (x @ parts["A"].T * parts["lambda"]) @ parts["B"].T


def mosara(parts, method, _rank):
    """c diag(v) U diag(sum_i g_i lambda_i) z with z = V^T x and g = softmax(R(z)), R(z) = Wg z or W2 (w1 . z)"""

    def term(x):
        z = x @ parts["Vt"].T
        linear = method["router"] == "linear"
        scores = z @ parts["Wg"].T if linear else (z @ parts["w1"])[..., None] * parts["W2"]
        mixed = torch.softmax(scores, dim=-1) @ parts["lambda"]
        return method["scaling"] * parts.get("v", 1.0) * ((mixed * z) @ parts["U"].T)

    return term


def scaling(method, rank):
    if method.get("alpha") is None:
        return 1.0
    return method["alpha"] / (rank**0.5 if method.get("rankStabilized") else rank)


METHODS = {"sara": sara, "lora": lora, "pissa": pissa, "dora": dora, "adalora": adalora, "mosara": mosara}
