"""The PyTorch side of `npm run bench pytorch`: builds networks, writes them as ONNX files, and takes the gradients of
the cross-entropy with respect to images."""
import copy
import os

import torch
from torch import nn
from torch.nn import functional as F

import networks
from serve import serve


def lenet5():
    """LeCun et al. 1998, with maxima."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )


class Bottleneck(nn.Module):
    """Three convolutions beside a shortcut (He et al. 2016, figure 5)."""

    def __init__(self, inputs, inner, stride):
        super().__init__()
        outputs = 4 * inner
        self.inner = nn.Sequential(
            nn.Conv2d(inputs, inner, 1, bias=False), nn.BatchNorm2d(inner), nn.ReLU(),
            nn.Conv2d(inner, inner, 3, stride, 1, bias=False), nn.BatchNorm2d(inner), nn.ReLU(),
            nn.Conv2d(inner, outputs, 1, bias=False), nn.BatchNorm2d(outputs),
        )
        self.shortcut = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        return F.relu(self.inner(x) + self.shortcut(x))


def resnet50():
    """ResNet-50 of 25.6 million weights, here with ten classes."""
    layers = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    width = 64
    for blocks, inner, first in [(3, 64, 1), (4, 128, 2), (6, 256, 2), (3, 512, 2)]:
        for block in range(blocks):
            layers.append(Bottleneck(width, inner, first if block == 0 else 1))
            width = 4 * inner
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, 10))


class Recurrent(nn.Module):
    """Two bidirectional layers of 128 units."""

    def __init__(self):
        super().__init__()
        self.layers = nn.LSTM(40, 128, 2, batch_first=True, bidirectional=True)
        self.head = nn.Linear(256, 10)

    def forward(self, x):
        return self.head(self.layers(x.squeeze(1))[0].mean(1))


NETWORKS = {
    'lenet5': (lenet5, (1, 28, 28)),
    'resnet18': (networks.resnet18, (3, 32, 32)),
    'vit': (networks.VisionTransformer, (3, 32, 32)),
    'resnet50': (resnet50, (3, 224, 224)),
    'lstm': (Recurrent, (1, 50, 40)),
}


class Server:
    def open(self, name, batch, folder):
        """Builds a network. Leaves its file, images, and their gradients in a folder."""
        torch.manual_seed(0)
        build, shape = NETWORKS[name]
        self.network = build().eval().requires_grad_(False)
        self.images = torch.rand(batch, *shape)
        self.labels = torch.arange(batch) % 10
        self.ways = {'eager': self.network}
        networks.export(self.network, os.path.join(folder, 'network.onnx'), shape)
        self.images.numpy().tofile(os.path.join(folder, 'images.f32'))
        self.gradient('eager').numpy().tofile(os.path.join(folder, 'gradients.f32'))

    def prepare(self, way):
        """Channels last as PyTorch's guide to processors has it; compiled once for this size of batches."""
        if way == 'channels last':
            self.ways[way] = copy.deepcopy(self.network).to(memory_format=torch.channels_last)
        if way == 'compiled':
            self.ways[way] = torch.compile(self.network)
        self.gradient(way)

    def gradients(self, way, times):
        for _ in range(times):
            self.gradient(way)

    def gradient(self, way):
        images = self.images.clone()
        if way == 'channels last':
            images = images.to(memory_format=torch.channels_last)
        images.requires_grad_(True)
        # The sum, as attacks have it: each image's gradient is of its own loss.
        loss = F.cross_entropy(self.ways[way](images), self.labels, reduction='sum')
        return torch.autograd.grad(loss, images)[0]


if __name__ == '__main__':
    torch.set_num_threads(2)
    serve(Server())
