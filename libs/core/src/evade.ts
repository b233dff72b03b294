import type { Attack, AttackProblem, SearchResult } from './attack';
import { argmax, type AttackLoss, type Classifier, type DifferentiableClassifier, margin } from './classifier';
import { RampartError, throwIfCancelled } from './error';
import { featureCount, formatShape, type ImageBatch, sliceBatch } from './image-batch';
import { clip } from './pixel-box';
import type { WorkOptions } from './progress';
import type { Rng } from './rng';
import { l2Distance, type ThreatModel } from './threat-model';

/** What an attack is run on. */
export interface EvadeInput extends WorkOptions {
  readonly attack: Attack;
  /** The model that the search may question. */
  readonly classifier: DifferentiableClassifier;
  /** Judges the result: a session of its own, so that nothing the search did can colour it. */
  readonly verifier: Classifier;
  readonly images: ImageBatch;
  /** True class of each image. */
  readonly labels: Int32Array;
  /** The class that each image is to be taken for; without it any wrong class will do. */
  readonly targets?: Int32Array;
  readonly rng: Rng;
  /** Index of the first image in the whole set, where this is a part of it. Default 0. */
  readonly firstInstance?: number;
  /** Instances searched together. Default 256. */
  readonly batchSize?: number;
}

/** What came of an attack, per instance. */
export interface Evasion {
  /** Inside the box and the budget, always. */
  readonly adversarial: ImageBatch;
  /** Predicted class of each adversarial example, by the verifier. */
  readonly predictions: Int32Array;
  /** 1 where the example evades: a wrong class, or the target. */
  readonly evaded: Uint8Array;
  readonly iterations: Int32Array;
  readonly forwardEvaluations: Int32Array;
  readonly gradientEvaluations: Int32Array;
  /** Instances whose candidate had to be brought back into the box or the budget: 0 for a sound attack. */
  readonly corrected: number;
}

/** A candidate may leave box or budget by this much through rounding before it counts as corrected. */
const ROUNDING = 1e-5;

/**
 * Runs an attack. Whatever the search returns is clipped to the box, projected to the budget and judged by the
 * verifier, so no attack can report an example outside its threat model.
 * @throws RampartError `contract` when the search returns NaN or arrays of the wrong length
 * @throws RampartError `bad-data` when images, labels and model do not fit each other
 */
export async function evade(input: EvadeInput): Promise<Evasion> {
  const { attack, images, labels, targets, classifier, verifier } = input;
  checkInput(input);
  const features = featureCount(images.shape);
  const batchSize = input.batchSize ?? 256;
  const search = attack.definition.create(attack.params);
  const threat = attack.definition.threat(attack.params);

  const adversarial = new Float32Array(images.data.length);
  const predicted = new Int32Array(images.count);
  const evaded = new Uint8Array(images.count);
  const iterations = new Int32Array(images.count);
  const forwardEvaluations = new Int32Array(images.count);
  const gradientEvaluations = new Int32Array(images.count);
  let corrected = 0;

  for (let start = 0; start < images.count; start += batchSize) {
    throwIfCancelled(input.signal);
    const end = Math.min(images.count, start + batchSize);
    const batch = sliceBatch(images, start, end);
    const problem = new CountingProblem(
      classifier,
      batch,
      labels.subarray(start, end),
      targets?.subarray(start, end),
      input.rng,
      (input.firstInstance ?? 0) + start,
      input.signal,
    );
    const result = await search(problem);
    const first = (input.firstInstance ?? 0) + start;
    checkResult(attack, result, batch.count, features, first);
    const candidates = Float32Array.from(result.candidates);
    corrected += enforce(candidates, batch, threat);
    const logits = await verifier.logits(candidates);
    for (let i = 0; i < batch.count; i++) {
      const prediction = argmax(logits, i * verifier.classes, verifier.classes);
      predicted[start + i] = prediction;
      evaded[start + i] = Number(targets ? prediction === targets[start + i] : prediction !== labels[start + i]);
    }
    adversarial.set(candidates, start * features);
    iterations.set(result.iterations, start);
    forwardEvaluations.set(problem.forwardEvaluations, start);
    gradientEvaluations.set(problem.gradientEvaluations, start);
    input.onProgress?.({ done: end, total: images.count, unit: 'instances' });
  }
  return {
    adversarial: { ...images, data: adversarial },
    predictions: predicted,
    evaded,
    iterations,
    forwardEvaluations,
    gradientEvaluations,
    corrected,
  };
}

/** An attack problem over a batch that counts what every instance costs. */
class CountingProblem implements AttackProblem {
  readonly count: number;
  readonly features: number;
  readonly shape;
  readonly box;
  readonly originals: Float32Array;
  readonly forwardEvaluations: Int32Array;
  readonly gradientEvaluations: Int32Array;

  constructor(
    private readonly classifier: DifferentiableClassifier,
    batch: ImageBatch,
    private readonly labels: Int32Array,
    private readonly targets: Int32Array | undefined,
    private readonly root: Rng,
    private readonly firstInstance: number,
    readonly signal: AbortSignal | undefined,
  ) {
    this.count = batch.count;
    this.features = featureCount(batch.shape);
    this.shape = batch.shape;
    this.box = batch.box;
    this.originals = batch.data.slice();
    this.forwardEvaluations = new Int32Array(batch.count);
    this.gradientEvaluations = new Int32Array(batch.count);
  }

  async margins(candidates: Float32Array, instances: ArrayLike<number>): Promise<Float32Array> {
    throwIfCancelled(this.signal);
    count(this.forwardEvaluations, instances);
    return this.marginsOf(await this.classifier.logits(candidates), instances);
  }

  async gradient(candidates: Float32Array, instances: ArrayLike<number>, loss: AttackLoss) {
    throwIfCancelled(this.signal);
    count(this.gradientEvaluations, instances);
    const goal = this.targets ?? this.labels;
    const aims = Int32Array.from(instances, (instance) => goal[instance]!);
    const { logits, losses, gradient } = await this.classifier.lossGradient(candidates, aims, loss);
    // An untargeted attack lowers the margin of the true label and raises its cross-entropy; a targeted one the
    // other way round for the target.
    if ((loss === 'cross-entropy') !== (this.targets !== undefined)) {
      for (let i = 0; i < gradient.length; i++) gradient[i] = -gradient[i]!;
      for (let i = 0; i < losses.length; i++) losses[i] = -losses[i]!;
    }
    return { losses, gradient, margins: this.marginsOf(logits, instances) };
  }

  rng(instance: number): Rng {
    return this.root.split(this.firstInstance + instance);
  }

  private marginsOf(logits: Float32Array, instances: ArrayLike<number>): Float32Array {
    const { classes } = this.classifier;
    return Float32Array.from(instances, (instance, i) =>
      this.targets
        ? -margin(logits, i * classes, classes, this.targets[instance]!)
        : margin(logits, i * classes, classes, this.labels[instance]!),
    );
  }
}

function count(counts: Int32Array, instances: ArrayLike<number>): void {
  for (let i = 0; i < instances.length; i++) counts[instances[i]!]! += 1;
}

function checkInput({ classifier, images, labels, targets, attack }: EvadeInput): void {
  if (formatShape(classifier.shape) !== formatShape(images.shape)) {
    throw new RampartError({
      code: 'bad-data',
      message: `The model takes images of shape ${formatShape(classifier.shape)}. Received images of shape ${formatShape(images.shape)} for attack "${attack.label}".`,
    });
  }
  for (const [what, values] of [
    ['labels', labels],
    ['targets', targets],
  ] as const) {
    if (!values) continue;
    if (values.length !== images.count) {
      throw new RampartError({
        code: 'bad-data',
        message: `Expected one of ${what} for each of ${images.count} images. Received ${values.length}.`,
      });
    }
    const bad = values.findIndex((label) => label < 0 || label >= classifier.classes);
    if (bad >= 0) {
      throw new RampartError({
        code: 'bad-data',
        message: `Expected ${what} from 0 to ${classifier.classes - 1}, one of the model's ${classifier.classes} classes. Received ${values[bad]} at index ${bad}.`,
      });
    }
  }
}

function checkResult(attack: Attack, result: SearchResult, instances: number, features: number, first: number): void {
  if (result.candidates.length !== instances * features || result.iterations.length !== instances) {
    throw new RampartError({
      code: 'contract',
      message: `Attack "${attack.label}" returned ${result.candidates.length} values and ${result.iterations.length} iteration counts. Expected ${instances * features} and ${instances}: one candidate an instance.`,
    });
  }
  const bad = result.candidates.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new RampartError({
      code: 'contract',
      message: `Attack "${attack.label}" returned ${result.candidates[bad]} for instance ${first + Math.floor(bad / features)}, feature ${bad % features}. Expected finite values; see what the search divides by or takes a root of.`,
    });
  }
}

/** Brings candidates into box and budget, in place. Returns how many were outside by more than rounding. */
function enforce(candidates: Float32Array, batch: ImageBatch, threat: ThreatModel): number {
  const features = featureCount(batch.shape);
  let corrected = 0;
  for (let i = 0; i < batch.count; i++) {
    const offset = i * features;
    let excess = 0;
    const scale = threat.norm === 'l2' ? l2Scale(candidates, batch.data, offset, features, threat.epsilon) : 1;
    if (scale < 1) excess = (1 / scale - 1) * (threat as { epsilon: number }).epsilon;
    for (let k = offset; k < offset + features; k++) {
      const original = batch.data[k]!;
      let value = candidates[k]!;
      if (threat.norm === 'linf') {
        value = clip(value, { min: original - threat.epsilon, max: original + threat.epsilon });
      } else if (scale < 1) {
        value = original + (value - original) * scale;
      }
      value = clip(value, batch.box);
      if (threat.norm !== 'l2') excess = Math.max(excess, Math.abs(value - candidates[k]!));
      else excess = Math.max(excess, Math.abs(clip(candidates[k]!, batch.box) - candidates[k]!));
      candidates[k] = value;
    }
    if (excess > ROUNDING) corrected++;
  }
  return corrected;
}

function l2Scale(a: Float32Array, b: Float32Array, offset: number, size: number, epsilon: number): number {
  const distance = l2Distance(a, b, offset, size);
  return distance > epsilon ? epsilon / distance : 1;
}
