"""Writes quantized.json: float32 values and the bytes that the gguf package (0.19) makes of them, in hexadecimal.

    generate.py > quantized.json
"""

import json

import gguf
import numpy as np

rng = np.random.default_rng(7)
blocks = [
    rng.normal(0, 0.05, 32),
    rng.normal(0, 3, 32),
    np.zeros(32),
    np.linspace(-1, 1, 32),
    np.full(32, 0.5),
    np.where(np.arange(32) == 9, -7.0, rng.normal(0, 0.01, 32)),
    rng.uniform(0.2, 0.9, 32),
    np.where(np.arange(32) % 2 == 0, 1.0, -1.0),
]
values = np.concatenate(blocks).astype(np.float32)
types = ["F16", "BF16", "Q8_0", "Q4_0", "Q5_0", "Q5_1"]
made = {name: gguf.quants.quantize(values, gguf.GGMLQuantizationType[name]).tobytes().hex() for name in types}
print(json.dumps({"values": values.tobytes().hex(), **made}, indent=1))
