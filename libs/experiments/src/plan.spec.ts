import { type Dataset, imageBatch, PUBLICATION_BOX } from '@rampart/core';

import { type Experiment, parseExperiment } from './experiment';
import { planExperiment } from './plan';

const shape = { channels: 1, height: 28, width: 28 };

/** A dataset of black images: a plan looks at counts and checksums alone. */
function dataset(malicious: number, checksum = 'data'): Dataset {
  const count = malicious + 3;
  const split = {
    images: imageBatch(new Float32Array(count * 784), shape, PUBLICATION_BOX),
    labels: Int32Array.from({ length: count }, (_, index) => Number(index >= malicious)),
  };
  return { shape, box: PUBLICATION_BOX, classes: ['4', '7'], malicious: 0, train: split, test: split, checksum };
}

function experiment(changes: Record<string, string> = {}): Experiment {
  const fields = {
    name: 'planned',
    dataset: 'mnist',
    models: '[lenet5]',
    attacks: '[fgs(epsilon=0.1), adam]',
    defenses: '["rad(attack=adam)"]',
    seeds: '[1]',
    ...changes,
  };
  const text = Object.entries(fields).map(([key, value]) => `${key}: ${value}`);
  return parseExperiment(text.join('\n'), 'file.yaml', __dirname);
}

function planOf(changes: Record<string, string> = {}, data = dataset(5), engine = 'onnx') {
  return planExperiment(experiment(changes), { dataset: data, engine, checksumOf: () => 'file' });
}

const keys = (plan: ReturnType<typeof planOf>, kind: string) =>
  plan.steps.filter((step) => step.kind === kind).map((step) => step.key);

describe('a plan', () => {
  it('has each step once, after everything that it needs', () => {
    const { steps } = planOf({ seeds: '[1, 2]' });
    const seen = new Set<string>();
    for (const step of steps) {
      for (const need of step.needs) expect(seen).toContain(need);
      expect(seen).not.toContain(step.key);
      seen.add(step.key);
    }
  });

  it('is the same for the same experiment, and its keys depend on nothing but what determines a result', () => {
    expect(planOf()).toEqual(planOf());
    expect(planOf({ name: 'renamed' }).steps.map((step) => step.key)).toEqual(planOf().steps.map((step) => step.key));
    expect(keys(planOf({ attacks: '[adam]' }), 'harden')).toEqual(keys(planOf(), 'harden'));
  });

  it.each([
    ['the seed', planOf({ seeds: '[2]' })],
    ['the data', planOf({}, dataset(5, 'other'))],
    ['the engine', planOf({}, dataset(5), 'tfjs')],
    ['the training', planOf({ training: '{ epochs: 1 }' })],
  ])('trains anew when %s changes', (_what, changed) => {
    expect(keys(changed, 'train')).not.toEqual(keys(planOf(), 'train'));
    expect(keys(changed, 'harden')).not.toEqual(keys(planOf(), 'harden'));
  });

  it('trains nothing anew when only an attack changes', () => {
    const changed = planOf({ attacks: '[fgs(epsilon=0.2), adam]' });
    expect(keys(changed, 'train')).toEqual(keys(planOf(), 'train'));
    expect(keys(changed, 'attack')).not.toEqual(keys(planOf(), 'attack'));
  });

  it('has other steps that compute gradients on another device; the CPU is none', () => {
    const elsewhere = planOf({ device: 'webgpu' });
    for (const kind of ['train', 'harden', 'attack']) {
      for (const key of keys(elsewhere, kind)) expect(keys(planOf(), kind)).not.toContain(key);
    }
    expect(planOf({ device: 'cpu' }).key).toBe(planOf().key);
  });

  it('replays the examples of the first model in static cells, and attacks each model itself in adaptive ones', () => {
    const plan = planOf();
    const step = new Map(plan.steps.map((item) => [item.key, item]));
    const attackedBy = (mode: string) =>
      plan.cells
        .filter((cell) => cell.model === 'rad(attack=adam)' && cell.mode === mode && cell.attackStep)
        .map((cell) => {
          const attack = step.get(cell.attackStep!)!;
          return attack.kind === 'attack' ? attack.model : undefined;
        });
    expect(new Set(attackedBy('static'))).toEqual(new Set(keys(plan, 'train')));
    expect(new Set(attackedBy('adaptive'))).toEqual(new Set(keys(plan, 'harden')));
  });

  it('shares attacked instances among steps that together cover each once', () => {
    const parts = planOf({ attacks: '[adam]', defenses: '[]' }, dataset(1100)).steps.flatMap((step) =>
      step.kind === 'attack' ? [[step.first, step.end]] : [],
    );
    expect(parts.at(0)![0]).toBe(0);
    expect(parts.at(-1)![1]).toBe(1100);
    for (let i = 1; i < parts.length; i++) expect(parts[i]![0]).toBe(parts[i - 1]![1]);
    expect(parts.length).toBeGreaterThan(1);
  });
});
