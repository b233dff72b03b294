import {
  type Classifier,
  decodeLossPaths,
  decodeNpy,
  emptyNpy,
  encodeLossPaths,
  encodeNpy,
  featureCount,
  isOfSets,
  joinLossPaths,
  l2Distance,
  linfDistance,
  type Outcome,
  predictions,
  softmax,
  takeImages,
} from '@rampart/core';
import { openVerifier } from '@rampart/models';
import type { ArtifactRef, InstanceRecord, StepRecord } from '@rampart/results';

import type { EvaluateStep } from '../step';
import { commonTarget, type TargetChoice } from '../targets';
import { LOSSES_FILE } from './attack';
import { attackedTestIndices } from './attacked';
import { artifactOf, inputOf, type StepContext, type StepResult } from './context';
import { figuresOf } from './figures';
import type { AttackOutput, EvaluateOutput } from './outputs';

/** Lets a model judge the test set, adversarial examples in the place of the instances that were attacked. */
export async function runEvaluate(step: EvaluateStep, context: StepContext): Promise<StepResult> {
  const { dataset } = context;
  const verifier = await openVerifier(await artifactOf(context, step.model, 'model'), { box: dataset.box });
  try {
    const { images, labels } = dataset.test;
    const sets = isOfSets(dataset.samples);
    const { rejects = false } = verifier;
    const clean = await judge(verifier, images.data);
    if (step.examples.length === 0) {
      const judged = { predictions: clean.predicted, rejects, ...(sets && { wrongLabels: clean.wrong }) };
      const outcome = { ...NOTHING_ATTACKED, classes: verifier.classes, labels, ...judged };
      // Without an attack, recall is that of the unmodified instances.
      return finish(step, context, { ...outcome, attacked: attackedTestIndices(dataset, step.target) });
    }

    const attacked = attackedTestIndices(dataset, step.target);
    const features = featureCount(dataset.shape);
    const { channels, height, width } = dataset.shape;
    const file = emptyNpy([attacked.length, channels, height, width]);
    const examples = file.data;
    const cost = { iterations: [] as number[], forward: [] as number[], gradient: [] as number[] };
    const targets: number[] = [];
    for (const key of step.examples) {
      const output = inputOf(context, key).output as AttackOutput;
      const part = decodeNpy(await artifactOf(context, key, 'adversarial'));
      examples.set(part.data as Float32Array, output.first * features);
      cost.iterations.push(...output.iterations);
      cost.forward.push(...output.forwardEvaluations);
      cost.gradient.push(...output.gradientEvaluations);
      targets.push(...(output.targets ?? []));
    }
    const after = await judge(verifier, examples);
    const predicted = clean.predicted.slice();
    const wrong = clean.wrong.slice();
    const distortions = new Float64Array(attacked.length);
    const instances: InstanceRecord[] = [];
    attacked.forEach((testIndex, position) => {
      predicted[testIndex] = after.predicted[position]!;
      wrong[testIndex] = after.wrong[position]!;
      const original = images.data.subarray(testIndex * features, (testIndex + 1) * features);
      const example = examples.subarray(position * features, (position + 1) * features);
      distortions[position] = l2Distance(example, original, 0, features) / features;
      instances.push({
        evaluateStep: step.key,
        position,
        testIndex,
        label: labels[testIndex]!,
        predictionBefore: clean.predicted[testIndex]!,
        predictionAfter: after.predicted[position]!,
        confidenceBefore: clean.confidences[testIndex]!,
        confidenceAfter: after.confidences[position]!,
        distortion: distortions[position]!,
        linf: linfDistance(example, original, 0, features),
        iterations: cost.iterations[position]!,
      });
    });
    const outcome: Outcome = {
      classes: verifier.classes,
      labels,
      predictions: predicted,
      rejects,
      ...(sets && { wrongLabels: wrong }),
      attacked,
      ...targetsOf(step, targets),
      distortions,
      iterations: Int32Array.from(cost.iterations),
      forwardEvaluations: Int32Array.from(cost.forward),
      gradientEvaluations: Int32Array.from(cost.gradient),
    };
    const judged = await finish(step, context, outcome);
    const artifacts = [
      ...judged.artifacts,
      ...(await pictures(context, attacked, file.bytes)),
      ...(sets ? [] : [await logitsOf(context, attacked, clean.logits, after.logits)]),
      ...(await losses(step, context)),
    ];
    const output = targets.length > 0 ? { ...(judged.output as EvaluateOutput), targets } : judged.output;
    return { output, artifacts, instances };
  } finally {
    await verifier.dispose();
  }
}

/** What an outcome says of what the attack aimed at. */
export function targetsOf(
  { target }: { readonly target: TargetChoice | undefined },
  targets: readonly number[],
): Pick<Outcome, 'target' | 'targets'> {
  if (targets.length > 0) return { targets: Int32Array.from(targets) };
  const common = commonTarget(target);
  return common === undefined ? {} : { target: common };
}

const NOTHING_ATTACKED = {
  distortions: new Float64Array(0),
  iterations: new Int32Array(0),
  forwardEvaluations: new Int32Array(0),
  gradientEvaluations: new Int32Array(0),
};

async function finish(step: EvaluateStep, context: StepContext, outcome: Outcome): Promise<StepResult> {
  const output: EvaluateOutput = { figures: figuresOf(step.metrics, outcome, context.rng) };
  const bytes = encodeNpy(outcome.predictions, [outcome.predictions.length]);
  return { output, artifacts: [await context.artifacts.write(bytes, { name: 'predictions', extension: 'npy' })] };
}

/** The examples and their originals, row by row, for whoever wants to look at them. */
async function pictures(
  { artifacts, dataset }: StepContext,
  attacked: Int32Array,
  examples: Uint8Array,
): Promise<ArtifactRef[]> {
  const { channels, height, width } = dataset.shape;
  const adversarial = await artifacts.write(examples, { name: 'adversarial', extension: 'npy' });
  const originals = emptyNpy([attacked.length, channels, height, width]);
  takeImages(dataset.test.images, attacked, originals.data);
  return [adversarial, await artifacts.write(originals.bytes, { name: 'originals', extension: 'npy' })];
}

/** What the model said of each attacked instance before and after, float32: [attacked, 2, classes]. */
async function logitsOf(
  { artifacts }: StepContext,
  attacked: Int32Array,
  before: Float32Array,
  after: Float32Array,
): Promise<ArtifactRef> {
  const classes = after.length / Math.max(1, attacked.length);
  const data = new Float32Array(2 * after.length);
  attacked.forEach((testIndex, position) => {
    data.set(before.subarray(testIndex * classes, (testIndex + 1) * classes), 2 * position * classes);
    data.set(after.subarray(position * classes, (position + 1) * classes), (2 * position + 1) * classes);
  });
  return artifacts.write(encodeNpy(data, [attacked.length, 2, classes]), { name: 'logits', extension: 'npy' });
}

/** How the loss of each instance fell, of all parts of the attack together; nothing where a part does not say. */
async function losses(step: EvaluateStep, context: StepContext): Promise<ArtifactRef[]> {
  const parts = step.examples.map((key) => inputOf(context, key));
  if (!parts.every(({ artifacts }) => artifacts.some(({ name }) => name === LOSSES_FILE))) return [];
  const first = ({ output }: StepRecord) => (output as AttackOutput).first;
  const inOrder = parts.sort((a, b) => first(a) - first(b));
  const paths = await Promise.all(
    inOrder.map(async ({ key }) => decodeLossPaths(await artifactOf(context, key, LOSSES_FILE))),
  );
  return [
    await context.artifacts.write(encodeLossPaths(joinLossPaths(paths)), { name: LOSSES_FILE, extension: 'npy' }),
  ];
}

/**
 * The logits; predicted classes and their softmax probabilities; and how many classes count for more than the first, which are the
 * wrong labels where labels are sets.
 */
async function judge(verifier: Classifier, images: Float32Array) {
  const { classes, rejects } = verifier;
  const logits = await verifier.logits(images);
  const predicted = predictions(logits, classes, rejects);
  const probabilities = softmax(logits, classes);
  return {
    logits,
    predicted,
    wrong: Int32Array.from(predicted, (_, row) => countAbove(logits.subarray(row * classes, (row + 1) * classes))),
    // All classes are alike to a rejected one.
    confidences: Float64Array.from(predicted, (label, row) => probabilities[row * classes + Math.max(label, 0)]!),
  };
}

function countAbove([first = 0, ...others]: Float32Array): number {
  return others.filter((logit) => logit > first).length;
}
