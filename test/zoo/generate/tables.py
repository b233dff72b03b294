"""Tables: scikit-learn, XGBoost, LightGBM and PyTorch."""

import lightgbm
import numpy as np
import onnx
import torch
import xgboost
from onnxmltools.convert import convert_lightgbm, convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType as ToolsFloat
from skl2onnx import to_onnx
from sklearn import (
    calibration, decomposition, discriminant_analysis, ensemble, linear_model, naive_bayes, neighbors,
    neural_network, pipeline, preprocessing, tree,
)

from zoo import MODELS, finish, hash_of, main, network
from zoo import ENTRIES, Entry

FEATURES = 6


def data(name, classes):
    generator = np.random.default_rng(hash_of(name))
    centres = generator.normal(size=(classes, FEATURES)) * 1.5
    labels = generator.integers(0, classes, 300)
    return (centres[labels] + generator.normal(size=(300, FEATURES))).astype(np.float32), labels


def log_loss(model, x, labels):
    return -np.log(model.predict_proba(x)[np.arange(len(x)), labels])


def differences(model, x, labels):
    """The gradient by central differences in float64, extrapolated: right to about ten digits."""
    def slope(step):
        result = np.zeros_like(x)
        for column in range(x.shape[1]):
            up, down = x.copy(), x.copy()
            up[:, column] += step
            down[:, column] -= step
            result[:, column] = (log_loss(model, up, labels) - log_loss(model, down, labels)) / (2 * step)
        return result
    return (4 * slope(5e-5) - slope(1e-4)) / 3


def fitted(name, source, model, classes=3, gradient="exact", convert=None, opset=17):
    """Trains a model, exports it, and writes the gradient of its cross-entropy."""
    def write():
        x, labels = data(name, classes)
        model.fit(x, labels)
        generator = np.random.default_rng(1)
        inputs = x[:4] + generator.normal(size=(4, FEATURES)).astype(np.float32) * 0.05
        targets = labels[:4]
        exported = (convert or (lambda m: to_onnx(m, x[:1], target_opset={"": opset, "ai.onnx.ml": 3}, options={"zipmap": False})))(model)
        onnx.save(exported, MODELS / f"{name}.onnx")
        exact = differences(model, inputs.astype(np.float64), targets) if gradient == "exact" else None
        facts = {"family": "tables", "source": source, "exporter": "skl2onnx" if convert is None else "onnxmltools", "opset": max(o.version for o in exported.opset_import)}
        if gradient == "zero":
            facts["gradient"] = "zero"
        finish(name, facts, inputs, targets, exact)
    ENTRIES.append(Entry(name, "tables", source, write, "write", opset, (4, FEATURES)))


def skl(name, model, classes=3, gradient="exact", opset=17):
    steps = " > ".join(type(step).__name__ for _, step in model.steps) if isinstance(model, pipeline.Pipeline) else type(model).__name__
    fitted(name, f"scikit-learn {steps}", model, classes, gradient, opset=opset)


def piped(*steps):
    return pipeline.make_pipeline(*steps)


logistic = linear_model.LogisticRegression
skl("skl-logistic", logistic())
skl("skl-logistic-binary", logistic(), 2, opset=13)
skl("skl-lda", discriminant_analysis.LinearDiscriminantAnalysis())
skl("skl-naive-bayes", naive_bayes.GaussianNB())
skl("skl-qda", discriminant_analysis.QuadraticDiscriminantAnalysis())
skl("skl-perceptron-relu", neural_network.MLPClassifier((12, 8), random_state=1, max_iter=60))
skl("skl-perceptron-tanh", neural_network.MLPClassifier((12,), activation="tanh", random_state=1, max_iter=60), opset=15)
skl("skl-perceptron-binary", neural_network.MLPClassifier((12,), activation="logistic", random_state=1, max_iter=60), 2)
skl("skl-scaled-pca", piped(preprocessing.StandardScaler(), decomposition.PCA(4), logistic()))
skl("skl-polynomial", piped(preprocessing.MinMaxScaler(), preprocessing.PolynomialFeatures(2), logistic(max_iter=500)))
skl("skl-robust-power", piped(preprocessing.RobustScaler(), preprocessing.Normalizer(), neural_network.MLPClassifier((8,), random_state=1, max_iter=60)))
skl("skl-voting", ensemble.VotingClassifier([("a", logistic()), ("b", neural_network.MLPClassifier((8,), random_state=2, max_iter=60))], voting="soft", flatten_transform=False))
skl("skl-calibrated", calibration.CalibratedClassifierCV(logistic(), method="sigmoid", cv=2))
skl("skl-tree", tree.DecisionTreeClassifier(max_depth=4, random_state=1), gradient="zero")
skl("skl-forest", ensemble.RandomForestClassifier(5, max_depth=4, random_state=1), gradient="zero")
skl("skl-gradient-boosting", ensemble.GradientBoostingClassifier(n_estimators=4, max_depth=3, random_state=1), gradient="zero")
skl("skl-extra-trees", ensemble.ExtraTreesClassifier(5, max_depth=4, random_state=1), 2, gradient="zero")
skl("skl-neighbours", neighbors.KNeighborsClassifier(3), gradient="zero")

columns = [("x", ToolsFloat([None, FEATURES]))]
fitted("xgboost", "XGBoost XGBClassifier", xgboost.XGBClassifier(n_estimators=4, max_depth=3, random_state=1), 3, "zero", lambda m: convert_xgboost(m, initial_types=columns, target_opset=15))
fitted("xgboost-binary", "XGBoost XGBClassifier", xgboost.XGBClassifier(n_estimators=4, max_depth=3, random_state=1), 2, "zero", lambda m: convert_xgboost(m, initial_types=columns, target_opset=15))
fitted("lightgbm", "LightGBM LGBMClassifier", lightgbm.LGBMClassifier(n_estimators=4, max_depth=3, random_state=1, verbose=-1), 3, "zero", lambda m: convert_lightgbm(m, initial_types=columns, target_opset=15, zipmap=False))

TABLE = (4, 10)


@network("ft-transformer", "tables", "PyTorch, by hand: a token a feature, transformer", TABLE, "dynamo", 18, scale=2.0)
def ft_transformer():
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight, self.bias = (torch.nn.Parameter(torch.randn(10, 16) * 0.5) for _ in range(2))
            self.token = torch.nn.Parameter(torch.randn(1, 1, 16))
            layer = torch.nn.TransformerEncoderLayer(16, 2, 32, activation="gelu", batch_first=True, norm_first=True)
            self.encoder = torch.nn.TransformerEncoder(layer, 1, enable_nested_tensor=False)
            self.head = torch.nn.Linear(16, 3)

        def forward(self, x):
            tokens = x[:, :, None] * self.weight + self.bias
            return self.head(self.encoder(torch.cat([self.token.expand(x.shape[0], 1, 16), tokens], 1))[:, 0])
    return Net()


@network("tabnet", "tables", "PyTorch, by hand: sparsemax masks by Sort and CumSum (TabNet's)", TABLE, "torchscript", 17, scale=2.0)
def tabnet():
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.masks = torch.nn.ModuleList([torch.nn.Linear(8, 10) for _ in range(2)])
            self.first = torch.nn.Linear(10, 8)
            self.steps = torch.nn.ModuleList([torch.nn.Linear(10, 16) for _ in range(2)])
            self.head = torch.nn.Linear(8, 3)

        def sparsemax(self, z):
            ordered = torch.sort(z, 1, descending=True)[0]
            k = torch.arange(1, z.shape[1] + 1).to(z)
            sums = ordered.cumsum(1)
            count = (1 + k * ordered > sums).to(z).sum(1, keepdim=True)
            tau = (torch.gather(sums, 1, (count - 1).long()) - 1) / count
            return torch.relu(z - tau)

        def forward(self, x):
            state, total = torch.tanh(self.first(x)), 0
            for mask, step in zip(self.masks, self.steps):
                state = torch.nn.functional.glu(step(x * self.sparsemax(mask(state))))
                total = total + torch.nn.functional.silu(state)
            return self.head(total)
    return Net()


@network("deep-cross", "tables", "PyTorch, by hand: deep & cross network", TABLE, "torchscript", 13, scale=2.0)
def deep_cross():
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.cross = torch.nn.ModuleList([torch.nn.Linear(10, 10) for _ in range(2)])
            self.deep = torch.nn.Sequential(torch.nn.Linear(10, 16), torch.nn.BatchNorm1d(16), torch.nn.Mish(), torch.nn.Linear(16, 8), torch.nn.Hardswish())
            self.head = torch.nn.Linear(18, 3)

        def forward(self, x):
            y = x
            for layer in self.cross:
                y = x * layer(y) + y
            return self.head(torch.cat([y, self.deep(x)], 1))
    return Net()


@network("mixture-of-experts", "tables", "PyTorch, by hand: the two best of four experts, by TopK", TABLE, "dynamo", 18, scale=2.0)
def mixture():
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.gate = torch.nn.Linear(10, 4)
            self.weight = torch.nn.Parameter(torch.randn(4, 10, 8) * 0.4)
            self.head = torch.nn.Linear(8, 3)

        def forward(self, x):
            scores, chosen = torch.topk(self.gate(x), 2, 1)
            outputs = torch.einsum("ni,eij->nej", x, self.weight)
            picked = torch.gather(outputs, 1, chosen[:, :, None].expand(-1, -1, 8))
            return self.head(torch.tanh((torch.softmax(scores, 1)[:, :, None] * picked).sum(1)))
    return Net()


@network("normalising-flow", "tables", "PyTorch, by hand: coupling layers, classes by their densities", TABLE, "dynamo", 18, scale=2.0)
def flow():
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.nets = torch.nn.ModuleList([torch.nn.Sequential(torch.nn.Linear(5, 12), torch.nn.Tanh(), torch.nn.Linear(12, 10)) for _ in range(3)])
            self.means = torch.nn.Parameter(torch.randn(3, 10) * 0.5)

        def forward(self, x):
            determinant = 0
            for net in self.nets:
                a, b = x.chunk(2, 1)
                scale, shift = net(a).chunk(2, 1)
                x = torch.cat([b * torch.exp(0.3 * torch.tanh(scale)) + shift, a], 1)
                determinant = determinant + (0.3 * torch.tanh(scale)).sum(1, keepdim=True)
            return determinant - 0.5 * (x[:, None] - self.means).pow(2).sum(2)
    return Net()


if __name__ == "__main__":
    main()
