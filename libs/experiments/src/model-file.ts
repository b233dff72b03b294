import {
  checksum,
  type Dataset,
  formatShape,
  isRampartError,
  messageOf,
  RampartError,
  sliceBatch,
  type SpsaOptions,
} from '@rampart/core';
import {
  adoptModel,
  cardOf,
  classifierForm,
  inputGradient,
  type InputGradient,
  type InputGradientOptions,
  inspectModel,
  type InspectOptions,
  type Inspection,
  openClassifier,
  parsePreprocess,
  type PrepareOptions,
  weightsWithNaN,
  withEstimationNoted,
} from '@rampart/models';
import { type Model, readModelFile, writeModel } from '@rampart/onnx';
import { z } from 'zod';

/** Parameters of the model source `onnx`. */
export const onnxFileParams = z.object({
  path: z.string().min(1).describe('The ONNX file.').meta({ shown: true }),
  name: z.string().default('').describe('What tables call it. Default: the name of the file.'),
  preprocess: z
    .string()
    .default('')
    .superRefine((text, context) => {
      try {
        parsePreprocess(text);
      } catch (error) {
        context.addIssue({ code: 'custom', message: messageOf(error) });
      }
    })
    .describe('What images become before the model: "range=0..1 mean=0.5 std=0.2 layout=nhwc", each part optional.'),
  positiveIndex: z
    .union([z.literal(0), z.literal(1)])
    .default(1)
    .describe('For a model with one output value: the class that a large value speaks for.'),
  gradient: z
    .enum(['auto', 'spsa'])
    .default('auto')
    .describe('True gradients where the model has some (auto), or estimated from queries (spsa).'),
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
  /** What a reader of the figures must know. */
  readonly note: string | undefined;
}

/** Test images that a file is tried on before anything else is done. */
const TRIED = 16;

/**
 * Takes an ONNX file for experiments on a dataset: preprocessing and logits become part of the graph. A model of
 * Rampart's own making is taken as it is. The file is tried on some of the dataset's images.
 * @throws RampartError `bad-data` or `bad-model` that names the file
 */
export function takeModelFile(params: OnnxFileParams, dataset: Dataset): Promise<TakenModel> {
  return named(params.path, async () => {
    const file = readModelFile(params.path);
    const withNaN = weightsWithNaN(classifierForm(file));
    if (withNaN.length > 0) {
      throw badModel(
        `Expected a model with finite weights. Received NaN in ${withNaN.slice(0, 5).join(', ')}. Export it from a training that did not diverge.`,
      );
    }
    const bytes = writeModel(file);
    const own = isOwn(bytes, params, dataset);
    const adopted = own ? bytes : await adoptModel(file, prepareOptions(params, dataset));
    const { estimation, reason, batch } = await tryOut(adopted, params, dataset);
    const model = estimation ? withEstimationNoted(adopted, estimation) : adopted;
    return {
      model,
      checksum: checksum(model),
      batch,
      facts: {
        file: params.path,
        producer: file.producer || 'unknown',
        gradient: estimation ? `estimated from ${2 * estimation.samples} queries (SPSA)` : 'exact',
      },
      note: estimation
        ? `${params.name || params.path}: ${reason}; attacks use gradients estimated from ${2 * estimation.samples} queries each (SPSA), so its figures are no white-box figures.`
        : undefined,
    };
  });
}

/** How a file is read as a classifier of a dataset's images. */
export function prepareOptions(
  { preprocess, positiveIndex }: Pick<OnnxFileParams, 'preprocess' | 'positiveIndex'>,
  { shape, box }: Pick<Dataset, 'shape' | 'box'>,
): PrepareOptions {
  return { shape, box, preprocess: parsePreprocess(preprocess), positiveIndex };
}

/** Whether the file says itself that it takes such images and gives logits, as the models made here do. */
function isOwn(bytes: Uint8Array, { preprocess }: OnnxFileParams, { shape, box }: Dataset): boolean {
  const card = cardOf(bytes);
  return (
    preprocess === '' &&
    card.architecture !== undefined &&
    card.shape !== undefined &&
    formatShape(card.shape) === formatShape(shape) &&
    card.box?.min === box.min &&
    card.box.max === box.max
  );
}

/** What trying a model found out. */
interface Trial {
  readonly batch: number | undefined;
  readonly estimation: SpsaOptions | undefined;
  readonly reason: string;
}

/** Runs the model, and finds out whether it has gradients. */
async function tryOut(
  model: Uint8Array,
  { gradient, samples, radius }: OnnxFileParams,
  { box, classes, test }: Dataset,
): Promise<Trial> {
  const classifier = await openClassifier(model, { box });
  try {
    if (classifier.classes !== classes.length) {
      throw badModel(
        `Expected a model of ${classes.length} classes (${classes.join(', ')}). Received one of ${classifier.classes}. Choose the dataset's classes to fit it.`,
      );
    }
    const { data } = sliceBatch(test.images, 0, Math.min(TRIED, test.images.count));
    const labels = test.labels.slice(0, TRIED);
    const logits = await classifier.logits(data);
    const bad = logits.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      throw badModel(
        `Expected finite logits for the dataset's images. Received ${logits[bad]}. See its preprocessing.`,
      );
    }
    const { batch } = classifier.prepared;
    const estimated = (reason: string): Trial => ({ batch, estimation: { samples, radius }, reason });
    if (gradient === 'spsa') return estimated('as its parameters ask');
    try {
      const { gradient: slopes } = await classifier.lossGradient(data, labels, 'margin');
      if (slopes.some((value) => !Number.isFinite(value))) return estimated('its gradient is not finite');
      if (slopes.every((value) => value === 0)) return estimated('its gradient is zero everywhere');
      return { batch, estimation: undefined, reason: '' };
    } catch (error) {
      if (!isRampartError(error) || error.code !== 'bad-model') throw error;
      return estimated(error.message.split('. ')[0]!);
    }
  } finally {
    await classifier.dispose();
  }
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
