"""DoRA as PEFT trains it, on the llama fixture and the batches of the training loop: dora.json and dora.safetensors.

    python tests/golden/methods/generateDora.py

Made with torch 2.15, transformers 5.23 and peft 0.21.2 on the CPU, one thread, float32. Like the other runs of
fixtures/more/llama-loop (its README says what the fields mean): 30 optimizer steps of 2 micro-batches, AdamW, linear
warm-up over 5 steps, clipping at 1. B starts as small random numbers in place of 0, so that every gradient differs from
zero from the first step; the lengths start as PEFT's, those of the rows of W0 + c B A.
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

FIXTURES = Path(__file__).parent.parent / "fixtures"
STEPS, RATE, WARMUP, CLIP, RANK, ALPHA = 30, 5e-3, 5, 1.0, 4, 8


def main():
    torch.set_num_threads(1)
    torch.manual_seed(0)
    base = AutoModelForCausalLM.from_pretrained(FIXTURES / "llama/model", dtype=torch.float32, attn_implementation="eager")
    modules = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    config = LoraConfig(r=RANK, lora_alpha=ALPHA, lora_dropout=0.0, target_modules=modules, use_dora=True)
    model = get_peft_model(base, config).eval()
    parameters = {
        name.replace("base_model.model.", "").replace(".default", ""): parameter
        for name, parameter in model.named_parameters()
        if parameter.requires_grad
    }
    with torch.no_grad():
        for name, parameter in parameters.items():
            if "lora_B" in name:
                parameter.normal_(0, 0.05)
        for module in model.modules():
            if hasattr(module, "lora_magnitude_vector") and len(module.lora_magnitude_vector) > 0:
                weight = module.base_layer.weight + module.get_delta_weight("default")
                module.lora_magnitude_vector["default"].weight.copy_(weight.norm(dim=1))
    batches = load_file(FIXTURES / "more/llama-loop/batches.safetensors")
    ids, mask, labels = (batches[key].long() for key in ("input_ids", "attention_mask", "labels"))
    tensors = {f"{name}.start": parameter.detach().clone() for name, parameter in parameters.items()}
    optimizer = torch.optim.AdamW(parameters.values(), lr=RATE, weight_decay=0.01)
    record = {"losses": [], "lrs": [], "grad_norms": []}
    for step in range(STEPS):
        micro = (2 * step, 2 * step + 1)
        counted = sum(int((labels[b][:, 1:] != -100).sum()) for b in micro)
        total = 0.0
        for b in micro:
            logits = model(input_ids=ids[b], attention_mask=mask[b]).logits
            loss = F.cross_entropy(
                logits[:, :-1].reshape(-1, 256), labels[b][:, 1:].reshape(-1), ignore_index=-100, reduction="sum"
            )
            (loss / counted).backward()
            total += loss.item()
        rate = RATE * (step / WARMUP if step < WARMUP else (STEPS - step) / (STEPS - WARMUP))
        optimizer.param_groups[0]["lr"] = rate
        record["losses"].append(total / counted)
        record["lrs"].append(rate)
        record["grad_norms"].append(torch.nn.utils.clip_grad_norm_(list(parameters.values()), CLIP).item())
        if step == 0:
            tensors |= {f"{name}.clipped_grad0": parameter.grad.clone() for name, parameter in parameters.items()}
        optimizer.step()
        optimizer.zero_grad()
    tensors |= {f"{name}.final": parameter.detach().clone() for name, parameter in parameters.items()}
    oracle = load_file(FIXTURES / "llama/oracle.safetensors")
    probe = {key: oracle[key].long() for key in ("input_ids", "attention_mask")}
    with torch.no_grad():
        tensors["probe_logits"] = model(**probe).logits
        first = "model.layers.0.self_attn.q_proj"
        merged = model.merge_and_unload()
        tensors[f"{first}.merged"] = merged.get_submodule(first).weight.detach().clone()
    out = FIXTURES / "more/llama-loop"
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, out / "dora.safetensors")
    facts = {"method": "dora", "r": RANK, "alpha": ALPHA, "clip": CLIP, **record}
    (out / "dora.json").write_text(json.dumps(facts, indent=1) + "\n")
    print(record["losses"][0], record["losses"][-1], sorted(tensors)[:4])


if __name__ == "__main__":
    main()
