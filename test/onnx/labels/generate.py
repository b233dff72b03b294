"""Trains and exports labels.onnx and brought.onnx on scikit-learn's digits, and writes their data.

Usage: python generate.py FOLDER. Needs torch, numpy, onnx and scikit-learn.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from sklearn.datasets import load_digits

FOLDER = Path(sys.argv[1])
TRAIN, TEST = 1400, 120


class Labels(torch.nn.Module):
    """Whether a digit is even, is above 4, has a hole: a sigmoid each, which are not exclusive."""

    def __init__(self):
        super().__init__()
        self.layers = torch.nn.Sequential(
            torch.nn.Conv2d(1, 6, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(216, 3)
        )

    def forward(self, image):
        return torch.sigmoid(self.layers(image))


class Brought(torch.nn.Module):
    """Which digit, of a picture as bright as `gain` says, of which only the rows in `shown` are seen."""

    def __init__(self):
        super().__init__()
        self.hidden, self.out = torch.nn.Linear(64, 24), torch.nn.Linear(24, 10)

    def forward(self, image, shown, gain):
        seen = image * shown.float()[:, None, :, None] * gain[:, :, None, None]
        return self.out(torch.relu(self.hidden(seen.flatten(1))))


def train(net, inputs, loss, epochs):
    optimiser = torch.optim.Adam(net.parameters(), 1e-2)
    for _ in range(epochs):
        optimiser.zero_grad()
        loss(net(*inputs)).backward()
        optimiser.step()


def export(net, inputs, name, names):
    axes = {key: {0: "batch"} for key in [*names, "output"]}
    torch.onnx.export(
        net, inputs, FOLDER / name, dynamo=False, opset_version=17, input_names=names, output_names=["output"], dynamic_axes=axes
    )


torch.manual_seed(0)
rng = np.random.default_rng(0)
digits = load_digits()
order = rng.permutation(len(digits.target))
images, classes = (digits.images[order] * 15).astype(np.uint8), digits.target[order]
pixels = torch.tensor(images[:, None] / 255 - 0.5, dtype=torch.float32)
sets = np.stack([classes % 2 == 0, classes > 4, np.isin(classes, [0, 6, 8, 9])], 1).astype(np.uint8)
test = slice(TRAIN, TRAIN + TEST)

net = Labels()
wanted = torch.tensor(sets[:TRAIN], dtype=torch.float32)
train(net, (pixels[:TRAIN],), lambda p: torch.nn.functional.binary_cross_entropy(p, wanted), 120)
export(net, (pixels[:2],), "labels.onnx", ["image"])
right = (net(pixels[test]).detach().numpy() > 0.5) == sets[test]
print("labels.onnx: subset error", 1 - right.all(1).mean(), "Hamming loss", 1 - right.mean())
np.savez_compressed(
    FOLDER / "labels.npz", x_train=images[:200], y_train=sets[:200], x_test=images[test], y_test=sets[test]
)

shown = (rng.random((len(classes), 8)) < 0.85).astype(np.int64)
gain = rng.uniform(0.5, 1.5, (len(classes), 1)).astype(np.float32)
company = torch.tensor(shown), torch.tensor(gain)
net = Brought()
target = torch.tensor(classes[:TRAIN])
inputs = (pixels[:TRAIN], *(part[:TRAIN] for part in company))
train(net, inputs, lambda z: torch.nn.functional.cross_entropy(z, target), 150)
export(net, (pixels[:2], *(part[:2] for part in company)), "brought.onnx", ["image", "shown", "gain"])
logits = net(pixels[test], *(part[test] for part in company)).detach().numpy()
print("brought.onnx: error", (logits.argmax(1) != classes[test]).mean())
np.savez_compressed(
    FOLDER / "brought.npz", x=images[test], y=classes[test].astype(np.uint8), shown=shown[test], gain=gain[test]
)
