"""Models and adapters of the peer: transformers and PEFT as people use them; SARA written in PyTorch."""

import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

PROJECTIONS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def load_model(path, **options):
    """The model in float32 unless said otherwise, with PyTorch's fused attention."""
    options = {"dtype": torch.float32, "attn_implementation": "sdpa"} | options
    model = AutoModelForCausalLM.from_pretrained(path, **options)
    model.config.use_cache = False
    return model


def adapt(model, method, start=None):
    """The model with adapters of the method, their values read from the file that the engine wrote, where there is one."""
    values = {} if start is None else load_file(start)
    if method["name"] == "lora":
        # At SARA's budget the rank is in the file alone.
        rank = next((value.shape[0] for name, value in values.items() if name.endswith(".A")), method["rank"])
        config = LoraConfig(
            r=rank, lora_alpha=method["alpha"], lora_dropout=0.0, target_modules=PROJECTIONS, task_type="CAUSAL_LM"
        )
        model = get_peft_model(model, config)
        with torch.no_grad():
            for name, module in model.base_model.model.named_modules():
                if f"{name}.A" in values:
                    module.lora_A["default"].weight.copy_(values[f"{name}.A"])
                    module.lora_B["default"].weight.copy_(values[f"{name}.B"])
        return model
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    for name in [name.removesuffix(".A") for name in values if name.endswith(".A")]:
        parent, _, child = name.rpartition(".")
        parts = [values[f"{name}.{part}"] for part in ("A", "lambda", "B")]
        setattr(model.get_submodule(parent), child, SaraLinear(model.get_submodule(name), *parts, method["scaling"]))
    return model


class SaraLinear(torch.nn.Module):
    """h = W0 x + c B diag(lambda) A x"""

    def __init__(self, base, a, scale, b, scaling):
        super().__init__()
        self.base, self.scaling = base, scaling
        self.A, self.scale, self.B = (torch.nn.Parameter(value.clone()) for value in (a, scale, b))

    def forward(self, x):
        return self.base(x) + F.linear(F.linear(x, self.A) * self.scale, self.B) * self.scaling


def trainable(model):
    return [parameter for parameter in model.parameters() if parameter.requires_grad]


def read_examples(path):
    """[(ids, labels)] with -100 where a token carries no loss; transformers shifts labels itself."""
    rows = json.loads(Path(path).read_text())["examples"]
    return [(row["ids"], [i if flag else -100 for i, flag in zip(row["ids"], row["loss"])]) for row in rows]


def padded(rows, pad=0):
    """A batch padded on the right to its longest row, as DataCollatorForSeq2Seq makes it."""
    longest = max(len(ids) for ids, _ in rows)
    fill = lambda lists, value: torch.tensor([list(x) + [value] * (longest - len(x)) for x in lists])
    return {
        "input_ids": fill([ids for ids, _ in rows], pad),
        "attention_mask": fill([[1] * len(ids) for ids, _ in rows], 0),
        "labels": fill([labels for _, labels in rows], -100),
    }


def mean_loss(model, rows, batch_size):
    """Mean over all labels of the rows, batches in the order of the rows."""
    total, count = 0.0, 0
    model.eval()
    with torch.no_grad():
        for first in range(0, len(rows), batch_size):
            batch = padded(rows[first : first + batch_size])
            labels = int((batch["labels"][:, 1:] != -100).sum())
            total += float(model(**batch).loss) * labels
            count += labels
    return total / count if count else math.nan
