"""An ONNX file as a PyTorch module: each node becomes the call that a PyTorch user would have written."""
import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import helper, numpy_helper


class OnnxModule(torch.nn.Module):
    """A file of one input and one output, of the operators below. In evaluation mode, its weights fixed."""

    def __init__(self, path):
        super().__init__()
        graph = onnx.load(path).graph
        self.input, self.output = graph.input[0].name, graph.output[0].name
        self.buffer_of = {}
        for tensor in graph.initializer:
            self._keep(tensor.name, numpy_helper.to_array(tensor))
        self.calls = []
        for node in graph.node:
            attributes = {one.name: helper.get_attribute_value(one) for one in node.attribute}
            if node.op_type == 'Constant':
                self._keep(node.output[0], numpy_helper.to_array(attributes['value']))
            elif node.op_type not in OPERATORS:
                raise NotImplementedError(f'{path} has an operator {node.op_type}, which onnx_module.py does not know.')
            else:
                self.calls.append((OPERATORS[node.op_type], attributes, list(node.input), node.output[0]))
        self.eval()

    def _keep(self, name, array):
        self.buffer_of[name] = f'value_{len(self.buffer_of)}'
        self.register_buffer(self.buffer_of[name], torch.from_numpy(np.array(array)))

    def forward(self, images):
        values = {self.input: images}

        def value(name):
            return values[name] if name in values else getattr(self, self.buffer_of[name])

        for call, attributes, inputs, output in self.calls:
            values[output] = call(attributes, *[value(name) if name else None for name in inputs])
        return values[self.output]


def conv(attributes, x, weight, bias=None):
    pads = attributes.get('pads', [0, 0, 0, 0])
    if pads[:2] != pads[2:]:
        x, pads = F.pad(x, (pads[1], pads[3], pads[0], pads[2])), [0, 0]
    strides, dilations = (tuple(attributes.get(name, [1, 1])) for name in ('strides', 'dilations'))
    return F.conv2d(x, weight, bias, strides, tuple(pads[:2]), dilations, attributes.get('group', 1))


def max_pool(attributes, x):
    pads = attributes.get('pads', [0, 0, 0, 0])
    assert pads[:2] == pads[2:]
    strides = tuple(attributes.get('strides', [1, 1]))
    ceil = bool(attributes.get('ceil_mode', 0))
    return F.max_pool2d(x, tuple(attributes['kernel_shape']), strides, tuple(pads[:2]), 1, ceil)


def gemm(attributes, x, weight, bias=None):
    assert attributes.get('alpha', 1) == 1 and attributes.get('beta', 1) == 1 and not attributes.get('transA', 0)
    return F.linear(x, weight if attributes.get('transB', 0) else weight.t(), bias)


def flatten(attributes, x):
    assert attributes.get('axis', 1) == 1
    return torch.flatten(x, 1)


OPERATORS = {
    'Add': lambda attributes, x, y: x + y,
    'Conv': conv,
    'Div': lambda attributes, x, y: x / y,
    'Flatten': flatten,
    'Gemm': gemm,
    'MaxPool': max_pool,
    'Mul': lambda attributes, x, y: x * y,
    'Relu': lambda attributes, x: F.relu(x),
    'Sub': lambda attributes, x, y: x - y,
}
