import { featureCount, formatShape, messageOf, Rng } from '@rampart/core';
import { type Model, readModel, Session, type ValueInfo, withOutputs } from '@rampart/onnx';

import { type DifferentiableOnnxClassifier, openClassifier } from '../classifier/open-classifier';
import { classifierForm, type PreparedModel, type PrepareOptions } from '../classifier/prepare';
import type { OutputKind } from '../classifier/head';
import { checkGradient } from './gradient-check';
import { graphNodes } from './graph-nodes';
import { headText } from './head-text';
import type { BehaviourFact, ClassifierFact, Finding, Inspection, TensorFact } from './inspection';
import { operatorsOf, parametersOf, weightsWithNaN, withoutGradient } from './operators';

export interface InspectOptions extends PrepareOptions {
  /** Draws the images that the model is tried on. Default seed 1. */
  readonly rng?: Rng;
}

/** Images that the model is tried on; the second of the two batch sizes that must agree. */
const IMAGES = 7;
/** Of these the gradient is compared with finite differences. */
const CHECKED = 3;
/** Of the largest logit: what a different order of additions may change. */
const BATCH_TOLERANCE = 1e-4;
const GRADIENT_TOLERANCE = 0.05;

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
    await (await Session.open(model)).dispose();
    classifier = await openClassifier(model, options);
  } catch (error) {
    tell('problem', messageOf(error));
    return static_;
  }
  try {
    const { prepared } = classifier;
    const rank = normal.graph.inputs[0]?.dims?.length;
    const facts = classifierFact(prepared, rank);
    tellHead(facts, tell);
    // What only other outputs need, and branches that shapes rule out, stand in no gradient's way.
    const used = withOutputs(prepared.model, [prepared.logits]);
    const behaviour = await tryOut(classifier, withoutGradient(used), options.rng ?? Rng.root(1), tell);
    return {
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
    return static_;
  } finally {
    await classifier.dispose();
  }
}

function tensorFact({ name, type, dims }: ValueInfo): TensorFact {
  return { name, type, shape: (dims ?? ['...']).map((dim) => dim ?? '?') };
}

function classifierFact(prepared: PreparedModel, rank: number | undefined): ClassifierFact {
  const { output, kind, unwrapped, classes, layout, shape, box, batch } = prepared;
  return {
    output,
    kind,
    unwrapped,
    classes,
    layout: rank === 2 ? 'features' : layout,
    image: shape,
    box,
    batch: batch ?? null,
  };
}

function headOf(kind: OutputKind): Inspection['head'] {
  return kind === 'logits' || kind === 'hard-labels' ? kind : 'probabilities';
}

function tellHead(fact: ClassifierFact, tell: Tell): void {
  const { kind, classes, image, layout, batch } = fact;
  tell('good', `A classifier of ${classes} classes; images of ${formatShape(image)}, ${layout}.`);
  tell(kind === 'logits' ? 'good' : 'note', headText(fact));
  if (batch !== null) tell('note', `It runs at batch size ${batch} only; it is run in batches of that size.`);
}

type Tell = (level: Finding['level'], text: string) => void;

async function tryOut(
  classifier: DifferentiableOnnxClassifier,
  missing: readonly string[],
  rng: Rng,
  tell: Tell,
): Promise<BehaviourFact> {
  const { box, prepared } = classifier;
  const size = featureCount(classifier.shape);
  const draw = rng.split('images');
  const images = Float32Array.from({ length: IMAGES * size }, () => box.min + (box.max - box.min) * draw.uniform());
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
        : `Answers at batch sizes 1 and ${IMAGES} differ by ${batchDifference.toExponential(1)} of the largest logit: images of a batch influence each other.`,
    );
  }
  const gradient = await tryGradient(classifier, images.subarray(0, CHECKED * size), missing, rng, tell);
  return { deterministic, batchDifference, finite, ...(gradient && { gradient }) };
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

async function tryGradient(
  classifier: DifferentiableOnnxClassifier,
  images: Float32Array,
  missing: readonly string[],
  rng: Rng,
  tell: Tell,
) {
  const fallback = 'Attacks fall back to gradients estimated from queries (SPSA).';
  try {
    const fact = await checkGradient(classifier, images, rng.split('elements'));
    const percent = (share: number) => `${(100 * share).toFixed(1)}%`;
    const parts = `zero ${percent(fact.zero)}, NaN ${percent(fact.nan)}, infinite ${percent(fact.infinite)} of its elements`;
    if (fact.zero === 1) tell('note', `The gradient is zero everywhere: it changes in steps only. ${fallback}`);
    else if (fact.nan > 0 || fact.infinite > 0) tell('problem', `The input gradient is not finite: ${parts}.`);
    else {
      const right = fact.error !== null && fact.error <= GRADIENT_TOLERANCE;
      const error = fact.error === null ? 'nothing to compare' : `relative error ${fact.error.toExponential(1)}`;
      tell(
        right ? 'good' : 'note',
        `The input gradient against finite differences at ${fact.compared} elements: ${error}; ${parts}.`,
      );
    }
    return fact;
  } catch (error) {
    const operators = missing.length > 0 ? `No gradient for ${missing.join(', ')}. ` : `${messageOf(error)} `;
    tell('note', `${operators}${fallback}`);
    return undefined;
  }
}
