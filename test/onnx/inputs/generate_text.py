"""Trains and exports text.onnx, a small network on tokens with two more inputs, and its test data.

Usage: python generate_text.py FOLDER. Needs torch, numpy and onnx.
"""

import sys
from pathlib import Path

import numpy as np
import torch

VOCABULARY, LENGTH, WIDTH = 40, 6, 8
FOLDER = Path(sys.argv[1])


class Text(torch.nn.Module):
    """Embeddings, one layer of attention under a mask, the mean over the tokens of the mask."""

    def __init__(self):
        super().__init__()
        self.word = torch.nn.Embedding(VOCABULARY, WIDTH)
        self.pos = torch.nn.Embedding(LENGTH, WIDTH)
        self.segment = torch.nn.Embedding(2, WIDTH)
        self.norm = torch.nn.LayerNorm(WIDTH)
        self.q, self.k, self.v = (torch.nn.Linear(WIDTH, WIDTH) for _ in range(3))
        self.out = torch.nn.Linear(WIDTH, 2)

    def forward(self, input_ids, attention_mask, token_type_ids):
        x = self.word(input_ids) + self.pos(torch.arange(LENGTH)) + self.segment(token_type_ids)
        x = self.norm(x)
        bias = (1 - attention_mask[:, None, :].float()) * -1e4
        weights = torch.softmax(self.q(x) @ self.k(x).transpose(1, 2) / WIDTH**0.5 + bias, -1)
        x = x + weights @ self.v(x)
        mask = attention_mask.float()[:, :, None]
        return self.out((x * mask).sum(1) / mask.sum(1))


torch.manual_seed(0)
np.random.seed(0)
net = Text()
ids = np.random.randint(0, VOCABULARY, (600, LENGTH))
labels = ((ids < VOCABULARY // 2).sum(1) > LENGTH / 2).astype(np.int64)
inputs = [torch.tensor(ids), torch.ones(ids.shape, dtype=torch.int64), torch.zeros(ids.shape, dtype=torch.int64)]
train, test = slice(0, 400), slice(400, 600)
optimiser = torch.optim.Adam(net.parameters(), 0.02)
for _ in range(200):
    optimiser.zero_grad()
    loss = torch.nn.functional.cross_entropy(net(*(one[train] for one in inputs)), torch.tensor(labels[train]))
    loss.backward()
    optimiser.step()
names = ["input_ids", "attention_mask", "token_type_ids"]
torch.onnx.export(
    net.eval(),
    tuple(one[:2] for one in inputs),
    str(FOLDER / "text.onnx"),
    input_names=names,
    output_names=["logits"],
    dynamic_axes={name: {0: "batch"} for name in [*names, "logits"]},
    dynamo=False,
    opset_version=17,
)
np.save(FOLDER / "tokens" / "test-images.npy", ids[test].astype(np.uint8))
np.save(FOLDER / "tokens" / "test-labels.npy", labels[test].astype(np.uint8))
