import { featureCount, formatShape, isRampartError, messageOf, pixelBox, type PixelBox, Rng } from '@rampart/core';
import { type Model, readModel, Session, type ValueInfo, withOutputs } from '@rampart/onnx';

import { type DifferentiableOnnxClassifier, openClassifier } from '../classifier/open-classifier';
import { classifierForm, type PreparedModel, prepareModel, type PrepareOptions } from '../classifier/prepare';
import { type OutputKind, rowSize } from '../classifier/head';
import { withGradientNote } from '../classifier/gradient-note';
import { Reading } from '../head/reading';
import { pixelRange, takesIntegers } from '../inputs/as-taken';
import { cutPoints } from '../inputs/cut';
import { lacksFloat64 } from '../inputs/in-float32';
import { openCut } from '../inputs/open-cut';
import { checkGradient } from './gradient-check';
import { graphNodes } from './graph-nodes';
import { choiceText, featuresText, headText } from './head-text';
import type { BehaviourFact, ClassifierFact, Finding, Inspection, TensorFact } from './inspection';
import { batchInfluence } from './batch-influence';
import { BATCH_TOLERANCE, GRADIENT_TOLERANCE, summaryOf } from './summary';
import { operatorsOf, parametersOf, weightsWithNaN, withoutGradient } from './operators';
import { whyZero } from './zero-gradient';

export interface InspectOptions extends PrepareOptions {
  /** The value to attack instead of the input: what is looked into is the part behind it. */
  readonly attackAt?: string;
  /** Draws the images that the model is tried on. Default seed 1. */
  readonly rng?: Rng;
}

/** Images that the model is tried on; the second of the two batch sizes that must agree. */
const IMAGES = 7;
/** Of these the gradient is compared with finite differences. */
const CHECKED = 3;

/**
 * Looks into a model: what the file declares, what its operators are, what comes out of it, and, by trying it on
 * images drawn from the pixel box, whether it is deterministic, independent of the batch, and differentiated rightly.
 * What cannot be found out because the model does not run, or is no classifier, is a finding and no error.
 * @throws RampartError `bad-model` when the bytes are no ONNX model
 */
export async function inspectModel(file: Uint8Array | Model, options: InspectOptions = {}): Promise<Inspection> {
  const model = file instanceof Uint8Array ? readModel(file) : file;
  const normal = classifierForm(model);
  const findings: Finding[] = [];
  const tell = (level: Finding['level'], text: string) => void findings.push({ level, text });
  const withNaN = weightsWithNaN(normal);
  if (withNaN.length > 0) tell('problem', `Weights with NaN: ${withNaN.slice(0, 5).join(', ')}. Every answer is void.`);

  const declared = {
    inputs: model.graph.inputs.filter(({ name }) => !model.graph.initializers.has(name)).map(tensorFact),
    outputs: model.graph.outputs.map(tensorFact),
    opsets: Object.fromEntries([...model.opsets].map(([domain, version]) => [domain || 'ai.onnx', version])),
    ...(model.opsets.has('') && { opset: model.opsets.get('')! }),
    producer: [model.producer, model.producerVersion].filter(Boolean).join(' '),
    metadata: Object.fromEntries(model.metadata),
    parameters: parametersOf(normal),
  };
  const static_ = {
    ...declared,
    operators: operatorsOf(model, normal),
    head: 'unknown' as const,
    findings,
    graph: graphNodes(normal, undefined),
  };

  let classifier: DifferentiableOnnxClassifier;
  try {
    await opens(model, normal);
    classifier = await open(model, options);
  } catch (error) {
    tell('problem', messageOf(error));
    return { summary: summaryOf({ findings }), ...static_ };
  }
  try {
    const { prepared } = classifier;
    const facts = classifierFact(prepared, rankOfAttacked(normal, options));
    tellHead(facts, prepared.chosen, tell);
    if (prepared.converted) {
      tell(
        'note',
        'ONNX Runtime has no kernels for its float64: a copy in float32 is looked into, and is what is attacked.',
      );
    }
    const doubt = featuresText(facts, lastOperator(prepared));
    if (doubt !== undefined) tell('note', doubt);
    // What only other outputs need, and branches that shapes rule out, stand in no gradient's way.
    const used = withOutputs(prepared.model, [prepared.logits]);
    const through = () => passesThrough(model, options);
    const rng = options.rng ?? Rng.root(1);
    const ways = { missing: withoutGradient(used), through, rng, level: levelOf(prepared, options) };
    const behaviour = await tryOut(classifier, ways, tell);
    return {
      summary: summaryOf({ classifier: facts, behaviour, findings, prepared }),
      ...declared,
      operators: operatorsOf(model, used),
      head: headOf(facts.kind),
      classifier: facts,
      behaviour,
      findings,
      graph: graphNodes(normal, prepared.types),
    };
  } catch (error) {
    tell('problem', messageOf(error));
    return { summary: summaryOf({ findings }), ...static_ };
  } finally {
    await classifier.dispose();
  }
}

/** @throws RampartError `bad-model` where ONNX Runtime refuses the file, but for float64 that it has no kernels for */
async function opens(model: Model, normal: Model): Promise<void> {
  try {
    await (await Session.open(model)).dispose();
  } catch (error) {
    if (!lacksFloat64(normal, error)) throw error;
  }
}

/** The model as it is attacked. */
async function open(model: Model, options: InspectOptions): Promise<DifferentiableOnnxClassifier> {
  const { attackAt, rng = Rng.root(1), ...rest } = options;
  if (attackAt === undefined) return openClassifier(model, rest);
  const cut = await openCut(model, attackAt, rest);
  try {
    const { shape, box } = await prepareModel(model, rest);
    const values = await cut.values(randomImages(IMAGES * featureCount(shape), box, rng.split('images')));
    const [min, max] = values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [
      Infinity,
      -Infinity,
    ] as [number, number]);
    return await openClassifier(cut.rear, { shape: cut.shape, box: pixelBox(min, max > min ? max : min + 1) });
  } finally {
    await cut.dispose();
  }
}

function randomImages(length: number, { min, max }: PixelBox, draw: Rng): Float32Array {
  return Float32Array.from({ length }, () => min + (max - min) * draw.uniform());
}

function tensorFact({ name, type, dims }: ValueInfo): TensorFact {
  return { name, type, shape: (dims ?? ['...']).map((dim) => dim ?? '?') };
}

function classifierFact(prepared: PreparedModel, rank: number | undefined): ClassifierFact {
  const { output, kind, unwrapped, classes, layout, shape, box, batch, taken, types } = prepared;
  const columns = rowSize(types.values.get(output)!.dims)!;
  return {
    ...{ output, columns, kind, unwrapped, classes, layout: rank === 2 ? 'features' : layout, image: shape, box },
    ...{ batch: batch ?? null, taken, cuts: cutPoints(prepared) },
  };
}

/** Axes of the input that is attacked, the batch's among them; undefined where an inner value is. */
function rankOfAttacked({ graph }: Model, { attackAt, held = {} }: InspectOptions): number | undefined {
  if (attackAt !== undefined) return undefined;
  return graph.inputs.find(({ name }) => !Object.hasOwn(held, name))?.dims?.length;
}

/** How far apart in the pixel box what a file of whole numbers tells apart is. */
function levelOf({ taken, box }: PreparedModel, { preprocess = {} }: InspectOptions): number | undefined {
  const range = pixelRange({ type: taken as 'uint8' });
  if (!range || preprocess.mean || preprocess.std) return undefined;
  const { min, max } = preprocess.range ?? range;
  return (box.max - box.min) / (max - min);
}

/** What the output comes from, but for what moves its values. */
function lastOperator({ types, output }: PreparedModel): string | undefined {
  const reading = new Reading(types);
  return reading.standard(reading.behindMoves(output))?.op;
}

function headOf(kind: OutputKind): Inspection['head'] {
  return kind === 'logits' || kind === 'hard-labels' ? kind : 'probabilities';
}

function tellHead(fact: ClassifierFact, chosen: string | undefined, tell: Tell): void {
  const { kind, classes, image, layout, batch, taken, cuts } = fact;
  tell('good', `A classifier of ${classes} classes; images of ${formatShape(image)}, ${layout}.`);
  tell(kind === 'logits' ? 'good' : 'note', headText(fact));
  if (chosen !== undefined) {
    tell('note', choiceText(taken, chosen, cuts));
  } else if (takesIntegers({ type: taken as 'uint8' })) {
    tell('note', `It takes whole numbers (${taken}): gradients pass straight through the rounding to them.`);
  } else if (taken !== 'float32') tell('note', `It takes ${taken}; samples are float32, and cast.`);
  if (cuts.length > 0) tell('note', cutsText(cuts));
  if (batch !== null) tell('note', `It runs at batch size ${batch} only; it is run in batches of that size.`);
}

const SHOWN = 4;

function cutsText(cuts: readonly string[]): string {
  const more = cuts.length - SHOWN;
  const names = cuts.slice(0, SHOWN).join(', ');
  return `It can be attacked at ${cuts.length} inner value${cuts.length === 1 ? '' : 's'} (--attack-at): ${names}${more > 0 ? ` and ${more} more` : ''}.`;
}

type Tell = (level: Finding['level'], text: string) => void;

/** What is known of a model's gradients before they are tried. */
interface Ways {
  /** How far apart in the pixel box inputs must be to be told apart; undefined where they may be anything. */
  readonly level: number | undefined;
  /** Operators without a rule. */
  readonly missing: readonly string[];
  /** Whether there are gradients that pass straight through the model's steps. */
  through(): Promise<boolean>;
  readonly rng: Rng;
}

async function passesThrough(model: Model, options: InspectOptions): Promise<boolean> {
  try {
    const classifier = await open(withGradientNote(model, 'straight-through'), options);
    try {
      const size = featureCount(classifier.shape);
      const images = randomImages(CHECKED * size, classifier.box, Rng.root('straight through'));
      const { gradient } = await classifier.lossGradient(images, new Int32Array(CHECKED), 'margin');
      return gradient.every(Number.isFinite) && gradient.some((value) => value !== 0);
    } finally {
      await classifier.dispose();
    }
  } catch (error) {
    if (isRampartError(error)) return false;
    throw error;
  }
}

async function tryOut(
  classifier: DifferentiableOnnxClassifier,
  { rng, ...ways }: Ways,
  tell: Tell,
): Promise<BehaviourFact> {
  const { box, prepared } = classifier;
  const size = featureCount(classifier.shape);
  const images = randomImages(IMAGES * size, box, rng.split('images'));
  const together = await classifier.logits(images);
  const again = await classifier.logits(images);
  const deterministic = together.every((value, i) => Object.is(value, again[i]));
  tell(
    deterministic ? 'good' : 'problem',
    deterministic
      ? 'Deterministic: the same images give the same bits again.'
      : 'Not deterministic: the same images give other logits the second time, so no figure of it can be reproduced.',
  );
  const finite = together.every((value) => Number.isFinite(value));
  if (!finite) tell('problem', 'Some logits are not finite.');

  const batchDifference = await differenceOneByOne(classifier, images, together);
  if (prepared.batch === undefined) {
    const same = batchDifference <= BATCH_TOLERANCE;
    tell(
      same ? 'good' : 'problem',
      same
        ? `The same answers at batch sizes 1 and ${IMAGES}.`
        : `Answers at batch sizes 1 and ${IMAGES} differ by ${batchDifference.toExponential(1)} of the largest logit: ${batchInfluence(prepared).text}.`,
    );
  }
  if (prepared.chosen !== undefined) return { deterministic, batchDifference, finite };
  const found = await tryGradient(classifier, images.subarray(0, CHECKED * size), { rng, ...ways }, tell);
  return { deterministic, batchDifference, finite, ...found };
}

async function differenceOneByOne(
  classifier: DifferentiableOnnxClassifier,
  images: Float32Array,
  together: Float32Array,
): Promise<number> {
  const size = images.length / IMAGES;
  const { classes } = classifier;
  let difference = 0;
  for (let i = 0; i < IMAGES; i++) {
    const alone = await classifier.logits(images.subarray(i * size, (i + 1) * size));
    alone.forEach((value, j) => {
      const other = together[i * classes + j]!;
      // NaN must not pass for agreement.
      if (!Object.is(value, other)) difference = Math.max(difference, Math.abs(value - other));
    });
  }
  const largest = together.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return largest === 0 ? difference : difference / largest;
}

const FALLBACKS = {
  exact: '',
  'straight-through': 'Attacks pass gradients straight through its steps (BPDA).',
  estimated: 'Attacks fall back to gradients estimated from queries (SPSA).',
} as const;

async function tryGradient(
  classifier: DifferentiableOnnxClassifier,
  images: Float32Array,
  { missing, through, rng, level }: Ways,
  tell: Tell,
): Promise<Pick<BehaviourFact, 'gradient' | 'gradients'>> {
  const fallback = async () => ((await through()) ? 'straight-through' : 'estimated');
  try {
    const { gradient, ...found } = await checkGradient(classifier, images, rng.split('elements'), level);
    const reasons = found.zero > 0.5 ? await whyZero(classifier, images, gradient, rng.split('idle')) : [];
    const fact = { ...found, ...(reasons.length > 0 && { whyZero: reasons }) };
    const percent = (share: number) => `${(100 * share).toFixed(1)}%`;
    const parts = `zero ${percent(fact.zero)}, NaN ${percent(fact.nan)}, infinite ${percent(fact.infinite)} of its elements`;
    const useless = fact.zero === 1 || fact.nan > 0 || fact.infinite > 0;
    const gradients = useless ? await fallback() : 'exact';
    if (fact.zero === 1)
      tell('note', `The gradient is zero everywhere: it changes in steps only. ${FALLBACKS[gradients]}`);
    else if (fact.nan > 0 || fact.infinite > 0) tell('problem', `The input gradient is not finite: ${parts}.`);
    else {
      const right = fact.error !== null && fact.error <= GRADIENT_TOLERANCE;
      const error = fact.error === null ? 'nothing to compare' : `relative error ${fact.error.toExponential(1)}`;
      tell(
        right ? 'good' : 'note',
        `The input gradient against finite differences at ${fact.compared} elements: ${error}; ${parts}.`,
      );
    }
    if (found.zero > 0.5) {
      tell(
        'note',
        `${percent(found.zero)} of the gradient's elements are zero: ${reasons.join('; ') || 'no pixel without influence, no step and no saturated layer was found'}.`,
      );
    }
    return { gradient: fact, gradients };
  } catch (error) {
    const operators = missing.length > 0 ? `No gradient for ${missing.join(', ')}. ` : `${messageOf(error)} `;
    const gradients = await fallback();
    tell('note', `${operators}${FALLBACKS[gradients]}`);
    return { gradients };
  }
}
