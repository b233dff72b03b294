import path from 'node:path';

import { inspectModel } from '@rampart/models';
import { readModelFile } from '@rampart/onnx';

import { type Fixture, fixtures } from '../fixtures/load-fixture';
import { rampart } from '../integration/rampart';
import { MODELS } from './command';

const HEADS: Readonly<Record<Fixture['output'], readonly string[]>> = {
  logits: ['logits'],
  probabilities: ['softmax'],
  'log-probabilities': ['log-softmax'],
  probability: ['sigmoid'],
};

const inspect = (fixture: Fixture) =>
  inspectModel(readModelFile(path.join(MODELS, `${fixture.name}.onnx`)), {
    preprocess: fixture.layout === 'features' ? {} : { layout: fixture.layout },
  });

describe.each(fixtures.map((fixture) => [fixture.name, fixture] as const))('%s', (_name, fixture) => {
  it('is what its exporter says', async () => {
    const inspection = await inspect(fixture);
    const { behaviour, classifier, findings, operators } = inspection;
    expect(findings.filter(({ level }) => level === 'problem')).toEqual([]);
    expect(inspection.opset).toBe(fixture.opset);
    expect(inspection.producer).toContain(fixture.producer.split(' ')[0]);
    expect(operators.map(({ name }) => name.replace('ai.onnx.ml.', 'ai.onnx.ml:'))).toEqual(
      // Calls of a file's own functions count as what these consist of.
      expect.arrayContaining(fixture.operators.filter((name) => !name.startsWith('own:'))),
    );
    expect(operators.every(({ count }) => count > 0)).toBe(true);
    expect(HEADS[fixture.output]).toContain(classifier?.kind);
    expect(classifier).toMatchObject({ classes: fixture.classes, layout: fixture.layout, batch: fixture.batch });
    expect(inspection.graph.length).toBeGreaterThan(0);
    expect(behaviour).toMatchObject({ deterministic: true, finite: true });
    expect(behaviour!.batchDifference).toBeLessThan(1e-4);

    const missing = operators.filter(({ gradient }) => gradient === 'missing');
    const told = findings.map(({ text }) => text).join('\n');
    if (missing.length > 0) {
      expect(behaviour!.gradient).toBeUndefined();
      expect(told).toContain(`No gradient for ${missing[0]!.name}`);
    } else if (!fixture.gradient) {
      expect(behaviour!.gradient).toMatchObject({ zero: 1, nan: 0, infinite: 0 });
      expect(told).toContain('estimated from queries');
    } else {
      expect(behaviour!.gradient).toMatchObject({ nan: 0, infinite: 0 });
      expect(behaviour!.gradient!.compared).toBeGreaterThanOrEqual(8);
      expect(behaviour!.gradient!.error).toBeLessThan(0.05);
    }
  });
});

describe('rampart inspect', () => {
  const file = path.join(MODELS, 'keras-convolutional-opset13.onnx');

  it('prints JSON', async () => {
    const { code, stdout } = await rampart(['inspect', file, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      head: 'probabilities',
      classifier: { layout: 'nhwc', image: { channels: 3, height: 16, width: 16 }, classes: 5 },
      behaviour: { deterministic: true },
    });
  });

  it('prints a page for people', async () => {
    const { code, stdout } = await rampart(['inspect', file]);
    expect(code).toBe(0);
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      expect.stringMatching(/^A classifier of 5 classes, of samples of 3x16x16; .* probabilities of classes\.$/),
      expect.stringMatching(/^Gradients: exact/),
      expect.stringContaining(`Next: rampart evaluate ${file} --dataset`),
    ]);
    for (const said of ['nhwc', 'Conv', 'probabilities', 'finite differences', 'batch sizes 1 and 7', 'tf2onnx']) {
      expect(stdout).toContain(said);
    }
  });
});
