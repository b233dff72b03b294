"""Writes a network of the zoo: the ONNX file, inputs, labels and the gradient that float64 autograd gives."""

import copy
import json
import sys
import traceback
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Optional

import numpy as np
import onnx
import onnxruntime
import torch

warnings.filterwarnings("ignore")
onnxruntime.set_default_logger_severity(4)
# Its fused attention has no operator in ONNX.
torch.backends.mha.set_fastpath_enabled(False)

HERE = Path(__file__).resolve().parent.parent
MODELS = HERE / "models"
INDEX = HERE / "zoo.json"

# Larger files do not belong into the repository.
LARGEST = 130_000
# How far float32 may be from float64, in PyTorch itself, for inputs to be taken: no unit lies at its kink.
STABLE = 1e-5
# How far ONNX Runtime's logits may be from PyTorch's.
AGREEMENT = 1e-3


@dataclass
class Entry:
    """How one network is made."""

    name: str
    family: str
    source: str
    make: Callable
    exporter: str
    opset: int
    shape: tuple
    options: dict = field(default_factory=dict)


ENTRIES: list[Entry] = []


def network(name, family, source, shape, exporter="dynamo", opset=18, **options):
    """Registers a function that makes a network for inputs of the shape, the batch included."""

    def register(make):
        ENTRIES.append(Entry(name, family, source, make, exporter, opset, tuple(shape), options))
        return make

    return register


def randomise(module: torch.nn.Module) -> None:
    """Weights as they are after training rather than before: no zeros, statistics of their own."""
    for buffer_name, buffer in module.named_buffers():
        if buffer_name.endswith("running_mean"):
            buffer.normal_(0, 0.2)
        elif buffer_name.endswith("running_var"):
            buffer.uniform_(0.5, 1.5)
    for parameter in module.parameters():
        if parameter.dim() <= 1 or not parameter.any() or parameter.abs().max() < 1e-4:
            parameter.data.add_(torch.randn_like(parameter) * 0.1)


class Logits(torch.nn.Module):
    """A network of transformers as one that returns its logits alone."""

    def __init__(self, inner, argument="pixel_values"):
        super().__init__()
        self.inner = inner
        self.argument = argument

    def forward(self, x):
        return self.inner(**{self.argument: x}).logits


def gradient(module, inputs, labels):
    x = inputs.clone().requires_grad_()
    logits = module(x)
    loss = torch.nn.functional.cross_entropy(logits, labels, reduction="sum")
    (result,) = torch.autograd.grad(loss, x)
    return logits.detach(), result


def unit_of(entry):
    """Inputs are whole multiples of it, which take a byte each."""
    return 2.0**-8 * entry.options.get("scale", 1.0)


def draw(entry, module):
    """Inputs on which float32 and float64 lie on the same side of every kink."""
    double = copy.deepcopy(module).double()
    for seed in range(40):
        generator = torch.Generator().manual_seed(seed)
        whole = torch.randint(-128, 128, entry.shape, generator=generator, dtype=torch.int8)
        inputs = whole.float() * unit_of(entry)
        with torch.no_grad():
            classes = module(inputs).shape[1]
        labels = torch.randint(0, classes, (entry.shape[0],), generator=generator)
        logits, exact = gradient(double, inputs.double(), labels)
        _, single = gradient(module, inputs, labels)
        error = ((single.double() - exact).norm() / exact.norm()).item()
        if error < STABLE:
            return whole, inputs, labels, logits, exact
    raise RuntimeError(f"float32 differs from float64 by {error:.1e}")


def export(entry, module, inputs, path):
    axes = {"x": {0: "n"}, "y": {0: "n"}}
    if entry.exporter == "dynamo":
        dynamic = None if entry.options.get("fixed") else ({0: torch.export.Dim("n", min=1, max=64)},)
        program = torch.onnx.export(
            module, (inputs,), dynamo=True, opset_version=entry.opset, input_names=["x"], output_names=["y"],
            dynamic_shapes=dynamic, verbose=False, optimize=True,
        )
        model = program.model_proto
    else:
        torch.onnx.export(
            module, (inputs,), str(path), dynamo=False, opset_version=entry.opset, input_names=["x"],
            output_names=["y"], dynamic_axes=None if entry.options.get("fixed") else axes,
        )
        model = onnx.load(path)
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    for value in [*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer]:
        value.doc_string = ""
        if hasattr(value, "metadata_props"):
            del value.metadata_props[:]
    del model.graph.value_info[:]
    del model.graph.metadata_props[:]
    del model.metadata_props[:]
    for function in model.functions:
        del function.value_info[:]
        del function.metadata_props[:]
        for node in function.node:
            node.doc_string = ""
            del node.metadata_props[:]
    onnx.save(model, path)
    return model


def write(entry):
    if entry.exporter == "write":
        return entry.make()
    torch.manual_seed(hash_of(entry.name))
    module = entry.make().eval()
    randomise(module)
    for parameter in module.parameters():
        parameter.requires_grad_(False)
    whole, inputs, labels, logits, exact = draw(entry, module)
    path = MODELS / f"{entry.name}.onnx"
    model = export(entry, module, inputs, path)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (output,) = session.run(["y"] if "y" in [o.name for o in session.get_outputs()] else None, {session.get_inputs()[0].name: inputs.numpy()})
    difference = np.abs(output - logits.numpy()).max() / max(1.0, np.abs(logits.numpy()).max())
    assert difference < AGREEMENT, f"ONNX Runtime differs by {difference:.1e}"
    finish(entry.name, {
        "family": entry.family, "source": entry.source,
        "exporter": f"torch.onnx.export, {'dynamo' if entry.exporter == 'dynamo' else 'TorchScript'}",
        "opset": entry.opset, "unit": unit_of(entry),
    }, whole.numpy(), labels.numpy(), exact.numpy())


def finish(name, facts, inputs, labels, exact):
    path = MODELS / f"{name}.onnx"
    size = path.stat().st_size
    if size > LARGEST:
        path.unlink()
        raise RuntimeError(f"{size} bytes")
    np.save(MODELS / f"{name}.x.npy", np.ascontiguousarray(inputs))
    np.save(MODELS / f"{name}.y.npy", np.ascontiguousarray(labels, dtype=np.int32))
    if exact is not None:
        np.save(MODELS / f"{name}.g.npy", np.ascontiguousarray(exact, dtype=np.float32))
    index = json.loads(INDEX.read_text()) if INDEX.exists() else {"networks": []}
    others = [item for item in index["networks"] if item["name"] != name]
    networks = sorted([*others, {"name": name, **facts}], key=lambda item: (item["family"], item["name"]))
    INDEX.write_text(json.dumps({"networks": networks}, indent=2) + "\n")


def hash_of(name):
    value = 0
    for letter in name:
        value = (value * 31 + ord(letter)) % (2**31)
    return value


def main():
    MODELS.mkdir(exist_ok=True)
    chosen = [name for name in sys.argv[1:] if name != "-v"]
    for entry in ENTRIES:
        if chosen and not any(entry.name.startswith(name) for name in chosen):
            continue
        try:
            write(entry)
            print(f"{entry.name}: {(MODELS / f'{entry.name}.onnx').stat().st_size} bytes", flush=True)
        except Exception as error:  # One that fails must not keep the others from being made.
            (MODELS / f"{entry.name}.onnx").unlink(missing_ok=True)
            reason = str(error).strip().splitlines()
            print(f"{entry.name}: FAILED {type(error).__name__}: {reason[0][:200] if reason else ''}", flush=True)
            if "-v" in sys.argv:
                traceback.print_exc()
