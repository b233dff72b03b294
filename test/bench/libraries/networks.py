"""Networks for images of 3x32x32 in ten classes. Their weights are random, and the same at every run."""
import torch
import torch.nn.functional as F
from torch import nn

CLASSES = 10


class Block(nn.Module):
    """Two convolutions beside a shortcut (He et al. 2016, figure 2)."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        inner = F.relu(self.norm1(self.conv1(x)))
        return F.relu(self.norm2(self.conv2(inner)) + self.shortcut(x))


def resnet18():
    """ResNet-18 as CIFAR has it: the first convolution 3x3, no pooling behind it. 11.2 million weights."""
    widths = [64, 64, 64, 128, 128, 256, 256, 512, 512]
    strides = [1, 1, 2, 1, 2, 1, 2, 1]
    blocks = [Block(*sizes) for sizes in zip(widths, widths[1:], strides)]
    stem = [nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU()]
    return nn.Sequential(*stem, *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, CLASSES))


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x):
        query, key, value = (part.unflatten(2, (self.heads, -1)).transpose(1, 2) for part in self.qkv(x).chunk(3, -1))
        return self.out(F.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2))


class Encoder(nn.Module):
    """Attention and a perceptron, each behind a normalisation and beside a shortcut."""

    def __init__(self, width, heads):
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.norm2 = nn.LayerNorm(width)
        self.perceptron = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.perceptron(self.norm2(x))


class VisionTransformer(nn.Module):
    """Dosovitskiy et al. 2021 at the width of DeiT-Ti, with patches of 4x4 and six layers. 2.7 million weights."""

    def __init__(self, width=192, heads=3, depth=6, patch=4, side=32):
        super().__init__()
        self.patches = nn.Conv2d(3, width, patch, patch)
        self.token = nn.Parameter(torch.randn(1, 1, width) / 50)
        self.places = nn.Parameter(torch.randn(1, 1 + (side // patch) ** 2, width) / 50)
        self.layers = nn.Sequential(*[Encoder(width, heads) for _ in range(depth)])
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x):
        patches = self.patches(x).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.token.expand(patches.shape[0], -1, -1), patches], 1) + self.places
        return self.head(self.norm(self.layers(tokens))[:, 0])


NETWORKS = {'resnet18': resnet18, 'vit': VisionTransformer}


def build(name, images):
    """A network in evaluation mode. The statistics of its BatchNorm are those of the images."""
    torch.manual_seed(0)
    network = NETWORKS[name]().train()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = None
    with torch.no_grad():
        for batch in images.split(32):
            network(batch)
    return network.eval()


def export(network, path, shape=(3, 32, 32)):
    """Writes a network as an ONNX file of any batch size, its weights inside."""
    torch.onnx.export(
        network,
        (torch.zeros(2, *shape),),
        path,
        input_names=['input'],
        output_names=['logits'],
        dynamic_shapes=({0: torch.export.Dim('batch')},),
        opset_version=18,
        external_data=False,
        verbose=False,
    )
