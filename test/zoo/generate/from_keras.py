"""Keras on PyTorch: channels last, recurrent layers, attention."""

import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import torch
from keras import layers

from zoo import ENTRIES, MODELS, Entry, export, finish, gradient, hash_of, main, unit_of


class Plain(torch.nn.Module):
    """A network of Keras with one argument, as the exporters want it."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return self.inner(x, training=False)


def keras_network(name, family, shape, exporter, opset, layers_of, source=None):
    source = source or f"Keras {keras.__version__.split('.')[0]}: {name.removeprefix('keras-').replace('-', ' ')}"

    def write():
        keras.utils.set_random_seed(hash_of(name) % 2**31)
        build = lambda: keras.Sequential([keras.Input(shape[1:]), *layers_of()])
        with torch.no_grad():
            single = build()
            weights = [w + np.random.default_rng(i).normal(size=w.shape) * 0.1 if w.ndim < 2 else w for i, w in enumerate(single.get_weights())]
            weights = [np.abs(w) + 0.1 if "variance" in v.path else w for w, v in zip(weights, single.weights)]
            single.set_weights(weights)
            keras.config.set_floatx("float64")
            double = build()
            double.set_weights(weights)
            keras.config.set_floatx("float32")
        single.eval(), double.eval()
        for seed in range(40):
            generator = torch.Generator().manual_seed(seed)
            whole = torch.randint(-128, 128, shape, generator=generator, dtype=torch.int8)
            inputs = whole.float() * 2.0**-8
            labels = torch.randint(0, 4, (shape[0],), generator=generator)
            _, exact = gradient(Plain(double), inputs.double(), labels)
            _, near = gradient(Plain(single), inputs, labels)
            if ((near.double() - exact).norm() / exact.norm()).item() < 1e-5:
                break
        else:
            raise RuntimeError("float32 differs from float64")
        entry = Entry(name, family, source, None, exporter, opset, shape)
        export(entry, Plain(single), inputs, MODELS / f"{name}.onnx")
        facts = {"family": family, "source": source, "opset": opset, "unit": unit_of(entry)}
        facts["exporter"] = f"torch.onnx.export, {'dynamo' if exporter == 'dynamo' else 'TorchScript'}"
        finish(name, facts, whole.numpy(), labels.numpy(), exact.numpy())

    ENTRIES.append(Entry(name, family, source, write, "write", opset, shape))


IMAGE = (2, 16, 16, 3)
keras_network("keras-convolutional", "vision", IMAGE, "torchscript", 17, lambda: [
    layers.Conv2D(8, 3, padding="same", activation="relu"), layers.BatchNormalization(), layers.MaxPooling2D(),
    layers.Conv2D(12, 3, strides=2, padding="same", activation="elu"), layers.Flatten(), layers.Dense(4)])
keras_network("keras-separable", "vision", IMAGE, "dynamo", 18, lambda: [
    layers.SeparableConv2D(8, 3, padding="same", activation="swish"), layers.DepthwiseConv2D(3, padding="same"),
    layers.LayerNormalization(), layers.UpSampling2D(interpolation="bilinear"), layers.Conv2D(8, 3, strides=2),
    layers.GlobalAveragePooling2D(), layers.Dense(4)])
keras_network("keras-lstm", "text", (2, 8, 12), "torchscript", 17, lambda: [layers.Bidirectional(layers.LSTM(6)), layers.Dense(4)])
keras_network("keras-gru", "sound", (2, 12, 8), "torchscript", 17, lambda: [layers.Conv1D(8, 3, padding="causal", activation="tanh"), layers.GRU(6), layers.Dense(4)])
keras_network("keras-dense", "tables", (4, 10), "dynamo", 20, lambda: [layers.Dense(16, "gelu"), layers.Dense(12, "selu"), layers.UnitNormalization(), layers.Dense(4)])


if __name__ == "__main__":
    main()
