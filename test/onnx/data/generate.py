"""Makes the files of this folder: small models of images, rows, sound and points, with the data that they are tested on.

python generate.py table points   needs numpy, pandas, scikit-learn, skl2onnx
python generate.py images sound   needs numpy, Pillow, scipy, torch

What it writes is in the repository; nothing else runs it.
"""
import json
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent


def table():
    import pandas as pd
    from skl2onnx import to_onnx
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.tree import DecisionTreeClassifier

    rng = np.random.default_rng(7)
    count = 240
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 70, count),
            "income": rng.normal(3000, 900, count).round(2),
            "job": rng.choice(["clerk", "cook", "none"], count),
            "owner": rng.integers(0, 2, count),
        }
    )
    score = (frame.income - 3000) / 900 + frame.owner - 2 * (frame.job == "none") + (frame.age - 44) / 30
    frame["label"] = np.where(score + rng.normal(0, 0.3, count) > 0, "paid", "lost")
    (HERE / "table").mkdir(exist_ok=True)
    frame[:120].to_csv(HERE / "table" / "train.csv", index=False)
    frame[120:].to_csv(HERE / "table" / "test.csv", index=False)
    jobs = [(frame.job == job).astype(float) for job in ["clerk", "cook", "none"]]
    x = np.stack([frame.age, frame.income, *jobs, frame.owner], -1).astype(np.float32)
    for name, model in [
        ("linear", make_pipeline(StandardScaler(), LogisticRegression())),
        ("tree", DecisionTreeClassifier(max_depth=4, random_state=1)),
    ]:
        model.fit(x[:120], frame.label[:120])
        print(name, "right on", (model.predict(x[120:]) == frame.label[120:]).mean())
        onnx = to_onnx(model, x[:1], options={"zipmap": False}, target_opset=17)
        (HERE / "table" / f"{name}.onnx").write_bytes(onnx.SerializeToString())


def points():
    from skl2onnx import to_onnx
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(3)
    centres = np.array([[0.2, 0.2, 0.5], [0.8, 0.3, 0.5], [0.5, 0.8, 0.4]])
    y = np.arange(90) % 3
    x = (centres[y] + rng.normal(0, 0.08, (90, 3))).clip(0, 1).astype(np.float32)
    model = LogisticRegression(C=100).fit(x, y)
    print("points right on", model.score(x, y))
    (HERE / "points").mkdir(exist_ok=True)
    onnx = to_onnx(model, x[:1], options={"zipmap": False}, target_opset=17)
    (HERE / "points" / "model.onnx").write_bytes(onnx.SerializeToString())
    np.savez_compressed(HERE / "points" / "points.npz", x_test=x, y_test=y)


def trained(network, x, y):
    import torch

    optimiser = torch.optim.Adam(network.parameters(), 0.01)
    for _ in range(200):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(network(x), y).backward()
        optimiser.step()
    print("right on", (network(x).argmax(-1) == y).float().mean().item())
    return network.eval()


def export(network, x, path):
    import torch

    axes = {"x": {0: "n"}, "logits": {0: "n"}}
    torch.onnx.export(
        network, x[:1], path, input_names=["x"], output_names=["logits"], dynamic_axes=axes, opset_version=17, dynamo=False
    )


def images():
    import torch
    from PIL import Image

    torch.manual_seed(1)
    rng = np.random.default_rng(5)
    size, count = 12, 20
    pixels, labels = [], []
    for label, name in enumerate(["cold", "warm"]):
        for i in range(count):
            image = rng.integers(60, 196, (size, size, 3))
            image[..., 0] += 24 * (2 * label - 1)
            image[..., 2] -= 24 * (2 * label - 1)
            image = image.clip(0, 255).astype(np.uint8)
            pixels.append(image)
            labels.append(label)
            folder = HERE / "images" / name
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(folder / f"{i:02}.png")
    x = torch.tensor(np.stack(pixels)).permute(0, 3, 1, 2).float()
    y = torch.tensor(labels)
    mean, std = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]

    def network():
        return torch.nn.Sequential(
            torch.nn.Conv2d(3, 4, 3, 2), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(4, 2)
        )

    normal = (x / 255 - torch.tensor(mean)[:, None, None]) / torch.tensor(std)[:, None, None]
    (HERE / "images-normalised").mkdir(exist_ok=True)
    export(trained(network(), normal, y), normal, HERE / "images-normalised" / "model.onnx")
    config = {"do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True, "image_mean": mean, "image_std": std}
    (HERE / "images-normalised" / "preprocessor_config.json").write_text(json.dumps(config, indent=2) + "\n")
    blue = x.flip(1) - torch.tensor([103.939, 116.779, 123.68])[:, None, None]
    (HERE / "images-blue-first").mkdir(exist_ok=True)
    export(trained(network(), blue, y), blue, HERE / "images-blue-first" / "model.onnx")


def sound():
    import torch
    from scipy.io import wavfile

    torch.manual_seed(2)
    rng = np.random.default_rng(6)
    rate, count, length = 8000, 12, 400
    waves, labels = [], []
    for label, (name, pitch) in enumerate([("high", 900), ("low", 300)]):
        for i in range(count):
            time = np.arange(length) / rate
            wave = 0.4 * np.sin(2 * np.pi * pitch * rng.uniform(0.9, 1.1) * time + rng.uniform(0, 6))
            wave = ((wave + rng.normal(0, 0.02, length)) * 32768).astype(np.int16)
            waves.append(wave / 32768)
            labels.append(label)
            folder = HERE / "sound" / name
            folder.mkdir(parents=True, exist_ok=True)
            wavfile.write(folder / f"{i:02}.wav", rate, wave)
    x = torch.tensor(np.stack(waves)).float()[:, None]
    network = torch.nn.Sequential(
        torch.nn.Conv1d(1, 8, 16, 4), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool1d(1), torch.nn.Flatten(), torch.nn.Linear(8, 2)
    )
    export(trained(network, x, torch.tensor(labels)), x, HERE / "sound" / "model.onnx")
    flat = torch.nn.Sequential(torch.nn.Unflatten(1, (1, length)), network)
    export(flat, x[:, 0], HERE / "sound" / "flat.onnx")


if __name__ == "__main__":
    for kind in sys.argv[1:]:
        globals()[kind]()
