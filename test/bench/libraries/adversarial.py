"""The PyTorch side of `npm run bench adversarial`."""
import torch
from torch import nn
from torch.nn import functional as F

from serve import serve


def lenet5():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5), nn.ReLU(), nn.AvgPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.AvgPool2d(2),
        nn.Flatten(), nn.Linear(256, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    ), (1, 28, 28)


class Block(nn.Module):
    def __init__(self, width, count, stride):
        super().__init__()
        self.first = nn.Conv2d(width, count, 3, stride, 1)
        self.second = nn.Conv2d(count, count, 3, 1, 1)
        same = stride == 1 and width == count
        self.shortcut = nn.Identity() if same else nn.Conv2d(width, count, 1, stride)

    def forward(self, x):
        return F.relu(self.second(F.relu(self.first(x))) + self.shortcut(x))


def resnet18():
    blocks, width = [nn.Conv2d(3, 64, 3, 1, 1), nn.ReLU()], 64
    for count, stride in [(64, 1), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1)]:
        blocks.append(Block(width, count, stride))
        width = count
    return nn.Sequential(*blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, 10)), (3, 32, 32)


class Training:
    def __init__(self, network, batch):
        self.model, shape = {'lenet5': lenet5, 'resnet18': resnet18}[network]()
        self.optimiser = torch.optim.Adam(self.model.parameters(), 1e-3)
        self.images = torch.rand(batch, *shape) - 0.5
        self.labels = torch.randint(10, (batch,))

    def step(self, inner, epsilon=0.1):
        images, labels = self.images, self.labels
        change = torch.zeros_like(images) if inner == 0 else torch.empty_like(images).uniform_(-epsilon, epsilon)
        for _ in range(inner):
            change.requires_grad_(True)
            loss = F.cross_entropy(self.model(images + change), labels)
            (slope,) = torch.autograd.grad(loss, change)
            change = (change.detach() + 2.5 * epsilon / inner * slope.sign()).clamp(-epsilon, epsilon)
            change = (images + change).clamp(-0.5, 0.5) - images
        self.optimiser.zero_grad()
        F.cross_entropy(self.model(images + change), labels).backward()
        self.optimiser.step()


class Server:
    def __init__(self):
        self.trainings = {}

    def train(self, network, batch, inner, steps):
        """Takes steps of training, adversarial where there are inner steps."""
        if (network, batch) not in self.trainings:
            self.trainings = {(network, batch): Training(network, batch)}
        for _ in range(steps):
            self.trainings[network, batch].step(inner)


if __name__ == '__main__':
    torch.set_num_threads(2)
    serve(Server())
