"""The Python side of `npm run bench libraries`."""
import importlib.metadata
import importlib.util
import sys
import time

from serve import serve

# What PyPI calls a package, and what Python does.
PACKAGES = {
    'numpy': 'numpy',
    'onnx': 'onnx',
    'onnxscript': 'onnxscript',
    'torch': 'torch',
    'torchattacks': 'torchattacks',
    'foolbox': 'foolbox',
    'adversarial-robustness-toolbox': 'art',
    'pyautoattack': 'pyautoattack',
}


class Server:
    def __init__(self):
        self.models = {}
        self.instances = {}

    def hello(self):
        """Which packages are there."""
        missing = [name for name, module in PACKAGES.items() if importlib.util.find_spec(module) is None]
        versions = {name: importlib.metadata.version(name) for name in PACKAGES if name not in missing}
        return {'version': sys.version.split()[0], 'missing': missing, 'versions': versions}

    def open(self, name, file):
        """Takes an ONNX file as a model."""
        from onnx_module import OnnxModule

        self.models[name] = OnnxModule(file)

    def create(self, name, network, data, shape, file):
        """Builds a network, which the given images calibrate, and writes it to a file."""
        from networks import build, export

        self.models[name] = build(network, images_of(data, shape))
        export(self.models[name], file)

    def give(self, name, data, shape, labels):
        """Takes the instances that a model is attacked on. Returns the model's logits."""
        import torch

        model = self.models[name]
        # Attacks want the gradients of images alone: those of weights would cost Foolbox and ART a third more.
        for weight in model.parameters():
            weight.requires_grad_(False)
        self.instances[name] = images_of(data, shape), torch.tensor(labels)
        with torch.no_grad():
            return model(self.instances[name][0]).flatten().tolist()

    def attack(self, name, library, threads, count, settings):
        """Runs an attack on the first instances. Returns what it cost, and how many withstood it."""
        import numpy as np
        import torch
        from attacks import ATTACKS
        from evaluations import Evaluations

        torch.set_num_threads(threads)
        torch.manual_seed(0)
        np.random.seed(0)
        images, labels = (part[:count].clone() for part in self.instances[name])
        model = Evaluations(self.models[name])
        wall, processor = time.perf_counter(), time.process_time()
        examples = ATTACKS[library](model, images, labels, **settings).detach()
        seconds = time.perf_counter() - wall
        processor = time.process_time() - processor
        distance = (examples - images).abs().max().item()
        assert distance <= settings['epsilon'] + 1e-5, f'{library} went to {distance}.'
        assert 0 <= examples.min() and examples.max() <= 1, f'{library} left the box.'
        with torch.no_grad():
            robust = (self.models[name](examples).argmax(1) == labels).sum().item()
        return {
            'seconds': seconds,
            'processor': processor,
            'robust': robust,
            'forward': model.forward_only,
            'gradients': model.gradients,
        }


def images_of(file, shape):
    import numpy as np
    import torch

    return torch.from_numpy(np.fromfile(file, dtype=np.float32).reshape(shape))


if __name__ == '__main__':
    serve(Server())
