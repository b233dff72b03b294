import fc from 'fast-check';

import { Rng } from '@rampart/core';
import { float, float32Tensor, floats, GraphBuilder, type Model, normalise, Session } from '@rampart/onnx';

import { lowerLearningOperators } from './learning-operators';

const FEATURES = 5;
const COUNT = 4;
const ML = { domain: 'ai.onnx.ml' } as const;

function modelOf(build: (builder: GraphBuilder) => string): Model {
  const builder = new GraphBuilder();
  builder.input('x', 'float32', ['n', FEATURES]);
  builder.output(build(builder));
  return normalise({
    irVersion: 8,
    opsets: new Map([
      ['', 15],
      ['ai.onnx.ml', 1],
    ]),
    producer: 'test',
    metadata: new Map(),
    graph: builder.build('classical'),
    functions: [],
  });
}

async function run(model: Model, x: Float32Array): Promise<number[]> {
  const session = await Session.open(model);
  try {
    const [output] = Object.values(await session.run({ x: float32Tensor([COUNT, FEATURES], x) }));
    return Array.from(output!.data as Float32Array);
  } finally {
    await session.dispose();
  }
}

/** The rewritten model computes what the original does, and has no operator left that is not standard. */
async function expectSame(model: Model, x: Float32Array): Promise<void> {
  const lowered = lowerLearningOperators(model);
  const [output] = lowered.graph.outputs;
  const standard = lowered.graph.nodes.filter(({ domain, outputs }) => domain === '' || outputs.includes(output!.name));
  expect(standard.every(({ domain }) => domain === '')).toBe(true);
  const [expected, received] = [await run(model, x), await run(lowered, x)];
  expect(received).toHaveLength(expected.length);
  expected.forEach((value, i) => expect(Math.abs(received[i]! - value)).toBeLessThanOrEqual(2e-6));
}

const draw = (rng: Rng, length: number) => Array.from({ length }, () => Math.fround(rng.normal()));

describe('operators of classical models in standard ones', () => {
  const transform = fc.constantFrom('NONE', 'SOFTMAX', 'LOGISTIC');
  const normalised = fc.constantFrom(undefined, 'L1', 'L2', 'MAX');

  it('computes what linear classifiers compute, normalised or not', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          classes: fc.integer({ min: 2, max: 4 }),
          transform,
          norm: normalised,
          opposite: fc.boolean(),
          seed: fc.nat(),
        }),
        async ({ classes, transform: post_transform, norm, opposite, seed }) => {
          const rng = Rng.root(seed);
          let coefficients = draw(rng, classes * FEATURES);
          let intercepts = draw(rng, classes);
          if (opposite && classes === 2) {
            const half = coefficients.slice(0, FEATURES);
            coefficients = [...half, ...half.map((value) => -value)];
            intercepts = [intercepts[0]!, -intercepts[0]!];
          }
          const model = modelOf((builder) => {
            const [, scores] = builder.node(
              'LinearClassifier',
              ['x'],
              {
                coefficients: floats(coefficients),
                intercepts: floats(intercepts),
                classlabels_ints: Array.from({ length: classes }, (_, k) => 10 * k),
                multi_class: 1,
                post_transform,
              },
              { ...ML, outputs: 2 },
            );
            return norm === undefined ? scores! : builder.node('Normalizer', [scores!], { norm }, ML);
          });
          // A largest value below 0 turns signs in ONNX Runtime's way, which no exporter asks for.
          if (norm === 'MAX' && post_transform === 'NONE') return;
          await expectSame(model, Float32Array.from(draw(rng, COUNT * FEATURES)));
        },
      ),
      { numRuns: 40, seed: 5 },
    );
  });

  it.each([
    ['for each feature', FEATURES],
    ['for all features', 1],
  ])('computes what scalers compute with one value %s', async (_what, length) => {
    const rng = Rng.root('scaler');
    const settings = { offset: floats(draw(rng, length)), scale: floats(draw(rng, length)) };
    const model = modelOf((builder) => builder.node('Scaler', ['x'], settings, ML));
    await expectSame(model, Float32Array.from(draw(rng, COUNT * FEATURES)));
  });

  it.each([
    ['NaN', 'each feature', NaN, FEATURES],
    ['NaN', 'all features', NaN, 1],
    ['-1', 'each feature', -1, FEATURES],
    ['0, as where none is named,', 'all features', undefined, 1],
  ])('fills in what is missing: %s, with a value of %s', async (_missing, _of, missing, length) => {
    const rng = Rng.root('imputer');
    const settings = {
      imputed_value_floats: floats(draw(rng, length)),
      ...(missing !== undefined && { replaced_value_float: float(missing) }),
    };
    const model = modelOf((builder) => builder.node('Imputer', ['x'], settings, ML));
    const rows = draw(rng, COUNT * FEATURES).map((value, i) => (i % 3 === 0 ? (missing ?? 0) : value));
    await expectSame(model, Float32Array.from(rows));
  });

  it('leaves everything else as it is', () => {
    const model = modelOf((builder) => builder.node('Binarizer', ['x'], {}, ML));
    expect(lowerLearningOperators(model)).toBe(model);
  });
});
