import {
  checksum,
  companyOf,
  type Dataset,
  formatShape,
  isOfSets,
  isRampartError,
  messageOf,
  RampartError,
  unitsOf,
} from '@rampart/core';
import {
  adoptPrepared,
  classifierForm,
  inputGradient,
  type InputGradient,
  type InputGradientOptions,
  inspectModel,
  type InspectOptions,
  type Inspection,
  isRejecting,
  noGradient,
  openCut,
  parsePreprocess,
  pixelRange,
  type PreparedModel,
  prepareModel,
  type PrepareOptions,
  readCard,
  takesIntegers,
  weightsWithNaN,
  withGradientNote,
} from '@rampart/models';
import { type Model, readModelFile, writeModel } from '@rampart/onnx';
import { z } from 'zod';

import { readFeeds } from './feeds';
import { originOf } from './inner-dataset';
import { otherIndex } from './other-index';
import { tryModel } from './try-model';
import type { Warning } from './warning';

/** Parameters of the model source `onnx`. */
export const onnxFileParams = z.object({
  path: z.string().min(1).describe('The ONNX file.').meta({ shown: true }),
  name: z.string().default('').describe('What tables call it. Default: the name of the file.'),
  preprocess: z
    .string()
    .default('')
    .superRefine((text, context) => {
      try {
        if (text !== 'auto') parsePreprocess(text);
      } catch (error) {
        context.addIssue({ code: 'custom', message: messageOf(error) });
      }
    })
    .describe(
      'What images become before the model: "range=0..1 mean=0.5 std=0.2 order=bgr layout=nhwc", each part optional; auto for the usual way that gets most test samples right. Default: what is written in the file or beside it.',
    ),
  output: z
    .string()
    .default('')
    .describe('The output with the scores of classes. Default: the one that can only be it.'),
  positiveIndex: z
    .union([z.literal(0), z.literal(1)])
    .default(1)
    .describe('For a model with one output value: the class that a large value speaks for.'),
  feed: z
    .array(z.string())
    .default([])
    .describe('What inputs that are not attacked are held at, each "name=value" or "name=file.npy".'),
  attackAt: z
    .string()
    .default('')
    .describe('The inner value that is attacked in place of the input, by its name in the file.'),
  gradient: z
    .enum(['auto', 'straight-through', 'spsa'])
    .default('auto')
    .describe(
      'True gradients where the model has some, else straight through its steps, else estimated (auto); or one of the last two: straight-through, spsa.',
    ),
  samples: z.int().positive().default(32).describe('Directions of an estimated gradient; two queries each.'),
  radius: z.number().positive().default(0.05).describe('How far pixels are moved in these queries.'),
});

export type OnnxFileParams = z.output<typeof onnxFileParams>;

/** A file in the form that every step works on. */
export interface TakenModel {
  /** An ONNX file with images of the dataset as input and logits as output. */
  readonly model: Uint8Array;
  /** SHA-256 of it: of all that the file, its parameters and the dataset's shape determine. */
  readonly checksum: string;
  readonly facts: Readonly<Record<string, string | number>>;
  /** The one batch size that it runs at; undefined where it runs at any. */
  readonly batch: number | undefined;
  /** Columns of its logits. */
  readonly classes: number;
  /** Whether it draws random numbers. */
  readonly random: boolean;
  /** Whether it may reject samples. */
  readonly rejects: boolean;
  /** What values a changed feature may take for the file to see it as it is; undefined where it takes any. */
  readonly values: '8-bit' | undefined;
  /** What a reader of the figures must know. */
  readonly notes: readonly string[];
  /** Those of the notes that are to be told before anything runs. */
  readonly warnings: readonly Warning[];
}

/**
 * Takes an ONNX file for experiments on a dataset: preprocessing and logits become part of the graph. A model of
 * Rampart's own making is taken as it is. The file is tried on some of the dataset's images.
 * @param trained whether its weights are to be trained
 * @throws RampartError `bad-data` or `bad-model` that names the file
 */
export function takeModelFile(
  params: OnnxFileParams,
  dataset: Dataset,
  { trained = false }: { readonly trained?: boolean } = {},
): Promise<TakenModel> {
  return named(params.path, async () => {
    const file = readModelFile(params.path);
    const withNaN = weightsWithNaN(classifierForm(file));
    if (withNaN.length > 0) {
      throw badModel(
        `Expected a model with finite weights. Received NaN in ${withNaN.slice(0, 5).join(', ')}. Export it from a training that did not diverge.`,
      );
    }
    const prepared = isOwn(file, params, dataset)
      ? undefined
      : params.attackAt === ''
        ? await prepareFor(file, { ...prepareOptions(params, dataset), trained })
        : await prepareRear(file, params, dataset);
    const adopted = prepared ? adoptPrepared(prepared) : file;
    const trial = await tryModel(adopted, params, dataset);
    const model = writeModel(trial.note ? withGradientNote(adopted, trial.note) : adopted);
    const whole = prepared && takesIntegers({ type: prepared.taken }) ? prepared.taken : undefined;
    const eightBit = whole !== undefined && isEightBit(params, whole);
    const said = (caveat: string) => `${params.name || params.path}: ${caveat}`;
    const single = prepared?.columns === 1 && !isOfSets(dataset.samples);
    const turned = single
      ? await otherIndex(adopted, { positiveIndex: params.positiveIndex, output: prepared.output }, dataset)
      : undefined;
    const caveats = [
      ...(prepared?.converted ? [COPIED[prepared.converted]] : []),
      ...(prepared && isEachByItself(prepared) && !isOfSets(dataset.samples) ? [EACH_BY_ITSELF] : []),
      ...(whole ? [wholeNumbers(whole, eightBit)] : []),
      ...trial.caveats,
      ...(turned === undefined ? [] : [turned.text]),
    ];
    return {
      model,
      checksum: checksum(model),
      batch: trial.batch,
      classes: trial.classes,
      random: trial.random,
      rejects: isRejecting(file),
      values: eightBit ? '8-bit' : undefined,
      facts: {
        file: params.path,
        producer: file.producer || 'unknown',
        gradient: trial.gradient,
        ...(whole && { takes: whole }),
        ...(caveats.length > 0 && { caveats: caveats.join(' ') }),
      },
      notes: caveats.map(said),
      warnings: [...(turned === undefined ? [] : [turned]), ...trial.caveats.map((text) => ({ text }))].map((one) => ({
        ...one,
        text: said(one.text),
      })),
    };
  });
}

const COPIED = {
  kernels: 'ONNX Runtime has no kernels for its float64: a copy of the file in float32 is attacked and judged.',
  trained:
    'steps of training are finer than its float types: a copy of the file in float32 is trained, attacked and judged.',
} as const;

/** The file as a classifier. @throws RampartError `bad-model` where what it takes has no gradient */
async function prepareFor(file: Model, options: PrepareOptions): Promise<PreparedModel> {
  const prepared = await prepareModel(file, options);
  const { chosen, taken } = prepared;
  if (chosen === undefined) return prepared;
  throw noGradient({ name: file.graph.inputs[0]!.name, type: taken }, chosen);
}

/** The part of the file behind the value that is attacked, as a classifier of such values. */
async function prepareRear(file: Model, params: OnnxFileParams, dataset: Dataset): Promise<PreparedModel> {
  const cut = await openCut(file, params.attackAt, prepareOptions(params, { ...dataset, ...originOf(dataset) }));
  await cut.dispose();
  const { held: _front, preprocess: _done, output: _whole, ...options } = prepareOptions(params, dataset);
  const { company } = options;
  if (!company || cut.holds === undefined) return prepareModel(cut.rear, options);
  // The head of label sets is in the rear: it is told what holds as it is told what samples bring along.
  const labels = { name: cut.holds, dims: [company.labels.length], min: 0, max: 1, whole: true };
  const companions = [...company.companions, labels];
  return prepareModel(cut.rear, {
    ...options,
    company: { ...company, companions, labels: [] },
    classes: company.labels.length + 1,
  });
}

/** Whether an output gives several classes a probability each, which need not sum to 1. */
function isEachByItself({ kind, types, output }: PreparedModel): boolean {
  return (
    kind === 'sigmoid' &&
    types.values
      .get(output)!
      .dims.slice(1)
      .some((size) => size !== 1)
  );
}

const EACH_BY_ITSELF =
  'it gives each class a probability by itself, as where several labels may hold at once. Its classes are taken as exclusive, the most probable decides, and every figure is of that one label: no subset or Hamming error. For these, give the data sets of labels, [N, labels].';

/** Whether the 256 levels of an 8-bit image are the whole numbers that a file takes. */
function isEightBit({ preprocess }: OnnxFileParams, taken: string): boolean {
  const { range, mean, std } = parsePreprocess(preprocess);
  const { min, max } = range ?? pixelRange({ type: taken as 'uint8' })!;
  return mean === undefined && std === undefined && Number.isInteger(min) && max - min === 255;
}

function wholeNumbers(taken: string, eightBit: boolean): string {
  return `it takes whole numbers (${taken}): gradients pass straight through the rounding to them, ${eightBit ? 'and what an attack changes is rounded to 8 bits' : 'and every example is judged as rounded'}.`;
}

/** How a file is read as a classifier of a dataset's images. */
export function prepareOptions(
  params: Pick<OnnxFileParams, 'preprocess' | 'output' | 'positiveIndex' | 'feed'>,
  { shape, box, samples, classes }: Pick<Dataset, 'shape' | 'box' | 'samples' | 'classes'>,
): PrepareOptions {
  const { preprocess, output, positiveIndex, feed } = params;
  const units = unitsOf(samples);
  const company = companyOf(samples);
  const columns = isOfSets(samples) ? company!.labels.length : classes.length;
  const head = { positiveIndex, classes: columns, ...(output !== '' && { output }) };
  const front = { preprocess: parsePreprocess(preprocess), ...(units && { units }), held: readFeeds(feed) };
  return { shape: company?.shape ?? shape, box, ...front, ...head, ...(company && { company }) };
}

/** Whether the file says itself that it takes such images and gives logits, as the models made here do. */
export function isOwn({ metadata }: Model, { preprocess }: OnnxFileParams, { shape, box }: Dataset): boolean {
  const card = readCard(metadata);
  return (
    preprocess === '' &&
    card.architecture !== undefined &&
    card.shape !== undefined &&
    formatShape(card.shape) === formatShape(shape) &&
    card.box?.min === box.min &&
    card.box.max === box.max
  );
}

/** Looks into an ONNX file: see `inspectModel`. @throws RampartError that names the file */
export function inspectFile(path: string, options: InspectOptions = {}): Promise<Inspection> {
  return named(path, async () => inspectModel(readModelFile(path), options));
}

/** The gradient of a loss with respect to what an ONNX file is fed: see `inputGradient`. */
export function gradientOfFile(path: string, options: InputGradientOptions): Promise<InputGradient> {
  return named(path, async () => inputGradient(readModelFile(path), options));
}

/** The file with everything in it that it keeps beside itself. */
export function readWholeModel(path: string): Promise<Model> {
  return named(path, async () => readModelFile(path));
}

/** Does something with a file; what goes wrong names it. */
async function named<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isRampartError(error) || error.message.includes(path)) throw error;
    throw new RampartError({ code: error.code, message: `${path}: ${error.message}`, cause: error });
  }
}

function badModel(message: string): RampartError {
  return new RampartError({ code: 'bad-model', message });
}
