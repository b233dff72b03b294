"""Takes networks that were reported to have no gradient into the zoo: folders with model.onnx, x.npy, y.npy, g.npy."""

import sys
from pathlib import Path

import numpy as np
import onnx

from zoo import MODELS, finish

STRAIGHT_THROUGH = ("qdq-fake-quantize", "straight-through-round")


def main():
    """Usage: reported.py FOLDER..., each named gradient-NAME."""
    for folder in map(Path, sys.argv[1:]):
        name = folder.name.removeprefix("gradient-")
        model = onnx.load(folder / "model.onnx")
        onnx.save(model, MODELS / f"operator-{name}.onnx")
        facts = {
            "family": "operators",
            "source": "PyTorch, by hand, for an operator that was reported missing",
            "exporter": "torch.onnx.export",
            "opset": next(item.version for item in model.opset_import if item.domain == ""),
        }
        if name in STRAIGHT_THROUGH:
            facts["gradient"] = "straight-through"
        arrays = [np.load(folder / f"{part}.npy") for part in "xyg"]
        finish(f"operator-{name}", facts, *arrays)


if __name__ == "__main__":
    main()
