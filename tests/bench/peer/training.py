"""Training steps with transformers and PEFT."""

import torch

from models import adapt, load_model, mean_loss, padded, read_examples, trainable
from protocol import timed


def make_step(model, learning_rate, weight_decay=0.01, products="float32"):
    """(step, optimizer): a step over a batch as the Trainer does it: loss of the model, clipping, AdamW.

    With products in bfloat16 the forward pass runs in torch.autocast on the CPU.
    """
    mixed = torch.autocast("cpu", dtype=torch.bfloat16, enabled=products == "bfloat16")
    parameters = trainable(model)
    # The fused optimizer is the Trainer's default.
    optimizer = torch.optim.AdamW(parameters, lr=learning_rate, weight_decay=weight_decay, fused=True)
    model.train()

    def step(batch):
        with mixed:
            loss = model(**batch).loss
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        return float(loss.detach()), float(norm)

    return step, optimizer


def open_training(job):
    place = job.get("peerDevice", {"device": "cpu", "type": "float32"})
    model = load_model(job["model"], dtype=getattr(torch, place["type"]))
    model = adapt(model, job["method"], job["start"]).to(place["device"])
    if job["recompute"]:
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    step, _ = make_step(model, job["learningRate"], products=job.get("products", "float32"))
    rows, size = read_examples(job["examples"]), job["batchSize"]

    def run(number):
        first = number % (len(rows) // size) * size
        batch = {name: value.to(place["device"]) for name, value in padded(rows[first : first + size]).items()}
        seconds, (loss, norm) = timed(lambda: step(batch))
        return {"seconds": seconds, "values": {"loss": loss, "gradient norm": norm}}

    return {"trainable": sum(parameter.numel() for parameter in trainable(model))}, run


def open_epoch(job):
    config, rows = job["config"], read_examples(job["examples"])
    size = config["batchSize"]
    before = mean_loss(load_model(config["model"]), rows, size)

    def run(number):
        model = adapt(load_model(config["model"]), config["method"])
        step, _ = make_step(model, config["learningRate"], config["weightDecay"])
        order = torch.randperm(len(rows), generator=torch.Generator().manual_seed(number)).tolist()

        def epoch():
            for first in range(0, len(order), size):
                step(padded([rows[i] for i in order[first : first + size]]))

        seconds, _ = timed(epoch)
        return {"seconds": seconds, "values": {"tokens": sum(len(ids) for ids, _ in rows)}}

    return {"loss before": before}, run
