import { companyOf, type Dataset, formatShape, isImage, isOfSets, RampartError, type WorkOptions } from '@rampart/core';
import { defenses } from '@rampart/defenses';
import { requireDevice } from '@rampart/onnx';
import { chooseEngine, type Engine, NATIVE_TFJS } from '@rampart/training';

import { AVERAGING_NOTE, withAveraging } from './averaging';
import { checkBudgets } from './check-budgets';
import { checkTrainable, trainsWeights } from './check-trainable';
import type { ModelSource } from './components';
import { ensemble } from './ensemble';
import type { Experiment } from './experiment';
import type { DatasetRequest } from './executor';
import { type FeasibleParams, readFeasible } from './feasible';
import { columnsNote, fitClasses } from './fit-classes';
import { holdDataset } from './held-dataset';
import { type OnnxFileParams, takeModelFile, type TakenModel } from './model-file';
import { inNamedColumns, namedColumnsNote, namesOfColumns } from './named-columns';
import { type Plan, planExperiment } from './plan';
import { loadDataset } from './plugins/load-dataset';
import { samplesAt } from './samples-at';
import { settlePreprocess, type SettledPreprocess } from './settle-preprocess';
import { parseTarget } from './targets';
import type { Warning } from './warning';

export interface PrepareOptions extends WorkOptions {
  readonly dataDir?: string;
  /** Overrides the experiment's seeds. */
  readonly seeds?: readonly number[];
  readonly engine?: string;
  /** Nothing is downloaded; see `LoadOptions`. */
  readonly offline?: boolean;
  /** See `PlanContext`. */
  readonly instancesPerStep?: (attacked: number) => number;
}

/** An experiment that is ready to run. */
export interface Prepared {
  readonly experiment: Experiment;
  readonly plan: Plan;
  readonly dataset: Dataset;
  readonly request: DatasetRequest;
  readonly engine: string;
  readonly notes: readonly string[];
  /** Of these, what to tell before anything runs, as it may not be worth running. */
  readonly warnings: readonly Warning[];
}

/** Loads an experiment's data and lays out its plan. */
export async function prepare(experiment: Experiment, options: PrepareOptions = {}): Promise<Prepared> {
  const asked: Experiment = options.seeds ? { ...experiment, seeds: options.seeds } : experiment;
  const chosenEngine = await chooseEngine(options.engine ?? 'auto');
  const engine = chosenEngine.name;
  const { definition, params, label } = asked.dataset;
  const loaded = await loadDataset(asked.dataset, {
    plugins: asked.plugins,
    timeLimit: asked.stepTimeLimit,
    ...(options.dataDir === undefined ? {} : { dataDir: options.dataDir }),
    ...(options.offline && { offline: true }),
    ...(options.signal ? { signal: options.signal } : {}),
    ...(options.onProgress ? { onProgress: options.onProgress } : {}),
  });
  const names = await namesOfColumns(asked.models, loaded);
  const raw = names ? inNamedColumns(loaded, names) : loaded;
  const { chosen: alone, settled } = await withPreprocess(asked, raw);
  const inside = insideOf(alone);
  let dataset: Dataset = inside ? await samplesAt(inside, raw) : raw;
  // A file that is refused is refused here, before anything is in the store.
  const taken = new Map<ModelSource, TakenModel>();
  for (const source of alone.models) {
    if (source.definition.name !== 'onnx') continue;
    const file = await takeModelFile(source.params as OnnxFileParams, dataset, { trained: trainsWeights(alone) });
    checkTrainable(alone, String(source.params['path']), file);
    dataset = fitClasses(dataset, file.classes);
    taken.set(source, file);
  }
  const random = [...taken.values()].some((file) => file.random);
  const chosen = measuring(random ? withAveraging(alone) : alone, dataset, [...taken.values()]);
  checkCompany(chosen, dataset);
  checkImages(chosen, dataset);
  checkBudgets(chosen, dataset);
  checkDevice(chosen, engine);
  await requireDevice(chosen.device);
  checkTraining(chosen, dataset);
  const feasible = withValues(await readFeasible(chosen.feasible, dataset), [...taken.values()]);
  const plan = planExperiment(chosen, {
    dataset,
    engine,
    library: await libraryOf(chosenEngine),
    feasible,
    instancesPerStep: options.instancesPerStep,
    checksumOf: (source) => taken.get(source)!.checksum,
  });
  const request: DatasetRequest = {
    ...{ name: definition.name, params, dataDir: options.dataDir, checksum: dataset.checksum },
    ...(names && { names }),
    ...(taken.size > 0 && { columns: dataset.classes.length }),
    ...(inside && { inside }),
  };
  return {
    experiment: chosen,
    plan,
    dataset: holdDataset(request, dataset),
    engine,
    request,
    notes: [
      ...(dataset.note ? [`${label}: ${dataset.note}`] : []),
      ...(names ? namedColumnsNote(loaded, raw, names) : []),
      ...(taken.size > 0 ? classNotes(dataset) : []),
      ...chosen.plugins.map(
        ({ name, version, content }) => `With plugin ${name} ${version} (SHA-256 ${content.slice(0, 16)}).`,
      ),
      ...(chosen.target === undefined ? [] : [targetNote(chosen.target, dataset)]),
      ...settled.flatMap(({ notes, warnings }) => [...notes, ...warnings.map(({ text }) => text)]),
      ...[...taken.values()].flatMap(({ notes }) => notes),
      ...(random ? [AVERAGING_NOTE] : []),
    ],
    warnings: [
      ...settled.flatMap(({ warnings }) => warnings),
      ...[...taken.values()].flatMap(({ warnings }) => warnings),
    ],
  };
}

/**
 * The file inside of which samples are values; undefined where they are its input.
 * @throws RampartError `usage` where other models or defenses would be given such samples
 */
function insideOf({ models, defenses }: Experiment): OnnxFileParams | undefined {
  const found = models.find(({ definition, params }) => definition.name === 'onnx' && params['attackAt'] !== '');
  if (!found) return undefined;
  const other = models.find((model) => model !== found) ?? defenses[0];
  if (!other) return found.params as OnnxFileParams;
  throw new RampartError({
    code: 'usage',
    message: `${found.label} is attacked at its value "${String(found.params['attackAt'])}", which is no sample of ${other.label}. Expected it alone, without defenses.`,
  });
}

/** What instances may become where a model sees 8-bit values alone, and nobody said otherwise. */
function withValues(feasible: FeasibleParams | undefined, taken: readonly TakenModel[]): FeasibleParams | undefined {
  if (feasible?.values !== undefined || !taken.some(({ values }) => values === '8-bit')) return feasible;
  return { ...feasible, values: '8-bit' };
}

/** tfjs gives other bytes on TensorFlow's library than on WebAssembly, which is what its name alone stands for. */
async function libraryOf(engine: Engine): Promise<string | undefined> {
  return engine.name === 'tfjs' && (await engine.describe()) === NATIVE_TFJS ? NATIVE_TFJS : undefined;
}

function targetNote(target: string, dataset: Dataset): string {
  const choice = parseTarget(target, dataset);
  if (typeof choice === 'object') {
    return `Attacks aim at the class that ${target} has for each instance: success is being taken for it.`;
  }
  switch (choice) {
    case 'least-likely':
      return "Attacks aim at each instance's least likely class: success is being taken for it.";
    case 'random':
      return 'Attacks aim at a random other class of each instance: success is being taken for it.';
    case 'each':
      return 'Attacks aim at each other class in turn; the best example of each instance counts.';
    default:
      return `Attacks aim at class "${target}": success is being taken for it.`;
  }
}

/** The experiment with the preprocessing of each file settled. */
async function withPreprocess(
  experiment: Experiment,
  dataset: Dataset,
): Promise<{ readonly chosen: Experiment; readonly settled: readonly SettledPreprocess[] }> {
  const settled: SettledPreprocess[] = [];
  const models: ModelSource[] = [];
  for (const source of experiment.models) {
    if (source.definition.name !== 'onnx') {
      models.push(source);
      continue;
    }
    const one = await settlePreprocess(source.params as OnnxFileParams, dataset);
    const { preprocess } = one;
    settled.push(one);
    const spec = { ...source.spec, params: { ...source.spec.params, preprocess } };
    models.push({ ...source, params: { ...source.params, preprocess }, spec });
  }
  return { chosen: { ...experiment, models }, settled };
}

/** The experiment without the metrics that have nothing to measure: of sets of labels, of rejections. */
function measuring(experiment: Experiment, { samples }: Dataset, models: readonly TakenModel[]): Experiment {
  const rejects =
    models.some((file) => file.rejects) ||
    experiment.defenses.some(({ definition, params }) => definition.obfuscates?.(params)?.includes('rejecting'));
  const left = new Set([...(isOfSets(samples) ? [] : ['hamming-loss']), ...(rejects ? [] : ['rejection-rate'])]);
  return { ...experiment, metrics: experiment.metrics.filter(({ definition }) => !left.has(definition.name)) };
}

/** Which column each class is, and which of them are attacked. */
function classNotes(dataset: Dataset): string[] {
  if (isOfSets(dataset.samples)) return [SETS_NOTE];
  const { classes, malicious } = dataset;
  const mapped = columnsNote(dataset);
  const attacked =
    malicious === undefined
      ? 'Samples of every class are attacked.'
      : `Only samples of class "${classes[malicious]}" are attacked; with classes=all those of every class are.`;
  return [...(mapped === undefined ? [] : [mapped]), attacked];
}

const SETS_NOTE =
  'Labels are sets: a sample is right where each of its labels is, and evades where one is wrong. What it is then taken for is the label that is furthest on its wrong side; the Hamming loss counts all of them.';

/**
 * What samples bring along is for model files alone, and no defense may change it: noise or an autoencoder would.
 * @throws RampartError `usage` where a model or a defense takes samples whole
 */
function checkCompany({ models, defenses: chosen, dataset: { label } }: Experiment, { samples }: Dataset): void {
  if (!companyOf(samples)) return;
  const other =
    models.find(({ definition }) => definition.name !== 'onnx') ??
    chosen.find(({ definition }) => !definition.feasible);
  if (!other) return;
  const fits = defenses.names().filter((name) => defenses.get(name).feasible);
  throw new RampartError({
    code: 'usage',
    message: `The samples of ${label} bring along ${isOfSets(samples) ? 'sets of labels' : 'inputs that are not attacked'}, which "${other.label}" would take for pixels. Expected model files (onnx), and of defenses one that leaves these alone: ${fits.join(', ')}.`,
  });
}

/** @throws RampartError `bad-data` where something is to be trained and there is nothing to train it on */
function checkTraining({ models, defenses, dataset: { label } }: Experiment, { train }: Dataset): void {
  const trained = models.find(({ definition }) => definition.name !== 'onnx' && definition !== ensemble) ?? defenses[0];
  if (!trained || train.images.count > 0) return;
  throw new RampartError({
    code: 'bad-data',
    message: `"${trained.label}" is trained, and ${label} has no training data. Expected a training split beside the test split.`,
  });
}

/** @throws RampartError `usage` where the engine that is to train computes on the CPU alone */
function checkDevice({ device }: Experiment, engine: string): void {
  if (device === 'cpu' || engine === 'onnx') return;
  throw new RampartError({
    code: 'usage',
    message: `The training engine "${engine}" computes on the CPU alone. Received the device "${device}". Take --engine onnx, or leave the device out.`,
  });
}

/** @throws RampartError `usage` where an attack or a defense needs images and the instances are none */
function checkImages({ attacks, defenses }: Experiment, { shape, samples }: Dataset): void {
  const attack = attacks.find(({ definition }) => definition.images);
  if (attack && !isImage(shape)) {
    throw new RampartError({
      code: 'usage',
      message: `Attack "${attack.label}" needs images. Received instances of shape ${formatShape(shape)}.`,
    });
  }
  const defense = defenses.find(({ params }) => params['flips'] === true || Number(params['crops'] ?? 0) > 0);
  if (!defense || (isImage(shape) && !companyOf(samples))) return;
  throw new RampartError({
    code: 'usage',
    message: `${defense.label} mirrors or shifts instances as it trains, which are to be images and bring nothing along. Leave "flips" and "crops" out.`,
  });
}
