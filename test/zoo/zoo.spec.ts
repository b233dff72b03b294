import { gradientOf } from './gradient-of';
import { exampleOf, fileOf, networks } from './load-zoo';
import { relativeError } from './relative-error';

const TOLERANCE = 1e-4;

it.each(networks.map((network) => [network.name, network] as const))(
  '%s has the gradient that was computed in float64',
  async (_name, network) => {
    const example = exampleOf(network);
    const { gradient } = await gradientOf(network, fileOf(network), example);
    if (!example.gradient) expect(Array.from(gradient)).toEqual(new Array(gradient.length).fill(0));
    else expect(relativeError(gradient, example.gradient)).toBeLessThan(TOLERANCE);
  },
);

it('holds sixty architectures and more, of both exporters of PyTorch, of scikit-learn, XGBoost and LightGBM', () => {
  expect(new Set(networks.map(({ source }) => source)).size).toBeGreaterThanOrEqual(60);
  expect(new Set(networks.map(({ family }) => family)).size).toBe(5);
  const made = networks.map(({ source, exporter }) => `${source} ${exporter}`).join('\n');
  for (const name of [
    'dynamo',
    'TorchScript',
    'scikit-learn',
    'XGBoost',
    'LightGBM',
    'timm',
    'torchvision',
    'transformers',
  ]) {
    expect(made).toContain(name);
  }
});
