"""Loss without gradients, and greedy generation."""

import torch

from models import load_model, mean_loss, read_examples
from protocol import timed


def open_evaluation(job):
    model, rows = load_model(job["model"]), read_examples(job["examples"])

    def run(_number):
        seconds, loss = timed(lambda: mean_loss(model, rows, job["batchSize"]))
        return {"seconds": seconds, "values": {"loss": loss}}

    return {}, run


def open_generation(job):
    model = load_model(job["model"]).eval()
    model.config.use_cache = True
    # Both sides go on after an end token.
    model.generation_config.eos_token_id = None
    prompts = job["prompts"]
    longest = max(map(len, prompts))
    ids = torch.tensor([[0] * (longest - len(prompt)) + prompt for prompt in prompts])
    mask = torch.tensor([[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts])
    options = {"max_new_tokens": job["newTokens"], "do_sample": False, "pad_token_id": 0, "use_cache": True}

    def generate():
        with torch.no_grad():
            return model.generate(ids, attention_mask=mask, **options)

    def run(_number):
        seconds, result = timed(generate)
        return {"seconds": seconds, "values": {"new tokens": result[:, longest:].flatten().tolist()}}

    return {}, run
