"""Loading, merging and saving."""

import gc
import os
import shutil
from pathlib import Path

import torch
from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer, GPT2TokenizerFast, LlamaConfig

from models import adapt, load_model, padded, read_examples
from protocol import timed
from training import make_step


# transformers imports a class when its name is first used, and that is no part of loading.
LIBRARIES_OF_TOKENIZERS = (AutoTokenizer, GPT2TokenizerFast)


def open_load(job):
    path = Path(job["model"])
    source = {"gguf_file": path.name} if path.suffix == ".gguf" else {}
    folder = path.parent if source else path
    ids = torch.tensor([job["prompt"]])

    def load():
        AutoTokenizer.from_pretrained(folder, **source)
        model = load_model(folder, **source)
        with torch.no_grad():
            return model.eval()(ids, logits_to_keep=1).logits[0, -1]

    def run(_number):
        gc.collect()
        seconds, logits = timed(load)
        return {"seconds": seconds, "values": {"next token": int(logits.argmax()), "its logit": float(logits.max())}}

    first = run(0)
    return {"values": first["values"], "extra": {"seconds": first["seconds"]}}, run


def open_merge(job):
    out = Path(f"{job['out']}-peer")

    def merge():
        model = PeftModel.from_pretrained(load_model(job["model"]), job["peft"])
        model.merge_and_unload().save_pretrained(out)

    def run(_number):
        shutil.rmtree(out, ignore_errors=True)
        seconds, _ = timed(merge)
        return {"seconds": seconds, "values": {}}

    return {}, run


def open_same_tensors(job):
    first, second = (tensors_of(job[side]) for side in ("first", "second"))
    missing = sorted(set(first) ^ set(second))
    # The head of a tied model may be written or left out.
    if [name for name in missing if name != "lm_head.weight"]:
        raise ValueError(f"only one side has {missing}")
    largest = max(
        float((first[name] - second[name]).abs().max() / first[name].abs().max()) for name in first if name in second
    )
    return {"values": {}, "extra": {"largest": largest}}, None


def tensors_of(folder):
    return {name: value.float() for file in Path(folder).glob("*.safetensors") for name, value in load_file(file).items()}


def open_checkpoint(job):
    """What a Trainer saves of a PEFT model: the adapter and the optimizer's state, which it does not sync to the disk."""
    config = job["config"]
    model = adapt(load_model(config["model"]), config["method"])
    step, optimizer = make_step(model, config["learningRate"])
    rows = read_examples(job["examples"])
    step(padded(rows[:2]))
    folder = Path(job["folder"]) / "peer-checkpoint"

    def save():
        model.save_pretrained(folder)
        torch.save(optimizer.state_dict(), folder / "optimizer.pt")

    def run(_number):
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        seconds, _ = timed(save)
        return {"seconds": seconds, "values": {}}

    return {}, run


def make_random_model(job):
    """A LLaMA of the size asked for; the standard deviation is that of transformers, 0.02."""
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=job["vocabulary"],
        hidden_size=job["hidden"],
        intermediate_size=job["intermediate"],
        num_hidden_layers=job["layers"],
        num_attention_heads=job["heads"],
        num_key_value_heads=job["kvHeads"],
        max_position_embeddings=4096,
        tie_word_embeddings=True,
        bos_token_id=0,
        eos_token_id=1,
    )
    model = AutoModelForCausalLM.from_config(config, dtype=getattr(torch, job["type"]))
    unfinished = Path(f"{job['out']}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    model.save_pretrained(unfinished)
    unfinished.rename(job["out"])
    return {"extra": {"parameters": sum(value.numel() for value in model.parameters())}, "values": {}}, None
