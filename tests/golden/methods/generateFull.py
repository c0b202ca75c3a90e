"""Full fine-tuning in PyTorch, on every model of the fixtures: full.json.

    python tests/golden/methods/generateFull.py

Made with torch 2.15 and transformers 5.23 on the CPU, one thread, float32. Ten AdamW steps of one micro-batch each (the
first ten of fixtures/more/llama-loop/batches), constant rate 1e-3, weight decay 0.01 on every parameter, clipping at 1.
For each model: losses and gradient norms before each step, the norm of the gradient of every parameter at step 0, and
for every parameter how far it has moved in the end, ‖θ − θ₀‖.
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

FIXTURES = Path(__file__).parent.parent / "fixtures"
MODELS = [
    "llama/model",
    "gpt2/model",
    "qwen2/model",
    "more/qwen3",
    "more/llama3",
    "more/mistral-window",
    "more/gemma2",
    "more/gemma3_text",
    "more/phi3",
    "more/phi3-partial",
]
STEPS = 10


def train(folder, ids, mask, labels):
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    parameters = dict(model.named_parameters())
    start = {name: parameter.detach().clone() for name, parameter in parameters.items()}
    optimizer = torch.optim.AdamW(parameters.values(), lr=1e-3, weight_decay=0.01)
    record = {"losses": [], "grad_norms": [], "first_gradients": {}, "moved": {}}
    for step in range(STEPS):
        logits = model(input_ids=ids[step], attention_mask=mask[step]).logits
        loss = F.cross_entropy(logits[:, :-1].reshape(-1, 256), labels[step][:, 1:].reshape(-1), ignore_index=-100)
        loss.backward()
        if step == 0:
            record["first_gradients"] = {name: parameter.grad.norm().item() for name, parameter in parameters.items()}
        record["losses"].append(loss.item())
        record["grad_norms"].append(torch.nn.utils.clip_grad_norm_(list(parameters.values()), 1.0).item())
        optimizer.step()
        optimizer.zero_grad()
    record["moved"] = {name: (parameter.detach() - start[name]).norm().item() for name, parameter in parameters.items()}
    return record


def main():
    torch.set_num_threads(1)
    batches = load_file(FIXTURES / "more/llama-loop/batches.safetensors")
    tensors = [batches[key].long() for key in ("input_ids", "attention_mask", "labels")]
    results = {name: train(FIXTURES / name, *tensors) for name in MODELS}
    (Path(__file__).parent / "full.json").write_text(json.dumps(results, indent=1) + "\n")
    for name, record in results.items():
        print(name, record["losses"][0], record["losses"][-1], record["grad_norms"][0], len(record["moved"]))


if __name__ == "__main__":
    main()
