import type { AttackProblem } from './attack';
import { type AttackLoss, margin } from './classifier';
import { RampartError, throwIfCancelled } from './error';
import type { EvadeInput } from './evade';
import { featureCount, sliceBatch } from './image-batch';
import type { LossTrace } from './loss-trace';
import type { Rng } from './rng';

/**
 * An attack problem over a batch that counts what every instance costs. Its fields that the contract does not name
 * are out of the search's reach, the labels above all.
 */
export class CountingProblem implements AttackProblem {
  readonly count: number;
  readonly features: number;
  readonly shape;
  readonly box;
  readonly originals: Float32Array;
  readonly signal: AbortSignal | undefined;
  readonly #input: EvadeInput;
  readonly #labels: Int32Array;
  readonly #targets: Int32Array | undefined;
  readonly #firstInstance: number;
  readonly #trace: LossTrace;
  readonly #start: number;
  readonly #forwardEvaluations: Int32Array;
  readonly #gradientEvaluations: Int32Array;

  constructor(input: EvadeInput, trace: LossTrace, start: number, end: number) {
    const batch = sliceBatch(input.images, start, end);
    this.count = batch.count;
    this.features = featureCount(batch.shape);
    this.shape = batch.shape;
    this.box = batch.box;
    this.originals = batch.data.slice();
    this.signal = input.signal;
    this.#input = input;
    this.#trace = trace;
    this.#start = start;
    this.#labels = input.labels.subarray(start, end);
    this.#targets = input.targets?.subarray(start, end);
    this.#firstInstance = (input.firstInstance ?? 0) + start;
    this.#forwardEvaluations = new Int32Array(batch.count);
    this.#gradientEvaluations = new Int32Array(batch.count);
    // A search may take the problem apart: ({ gradient, rng }) => ...
    this.margins = this.margins.bind(this);
    this.gradient = this.gradient.bind(this);
    this.rng = this.rng.bind(this);
  }

  /** What each instance has cost so far. */
  static costs(problem: CountingProblem): { forward: Int32Array; gradient: Int32Array } {
    return { forward: problem.#forwardEvaluations, gradient: problem.#gradientEvaluations };
  }

  async margins(candidates: Float32Array, instances: ArrayLike<number>): Promise<Float32Array> {
    throwIfCancelled(this.signal);
    this.#checkCall(candidates, instances);
    count(this.#forwardEvaluations, instances);
    return this.#marginsOf(await this.#input.classifier.logits(candidates), instances);
  }

  async gradient(candidates: Float32Array, instances: ArrayLike<number>, loss: AttackLoss) {
    throwIfCancelled(this.signal);
    this.#checkCall(candidates, instances);
    count(this.#gradientEvaluations, instances);
    const goal = this.#targets ?? this.#labels;
    const aims = Int32Array.from(instances, (instance) => goal[instance]!);
    const { logits, losses, gradient } = await this.#input.classifier.lossGradient(candidates, aims, loss);
    // An untargeted attack lowers the margin of the true label and raises its cross-entropy; a targeted one the
    // other way round for the target.
    if ((loss === 'cross-entropy') !== (this.#targets !== undefined)) {
      for (let i = 0; i < gradient.length; i++) gradient[i] = -gradient[i]!;
      for (let i = 0; i < losses.length; i++) losses[i] = -losses[i]!;
    }
    return { losses, gradient, margins: this.#marginsOf(logits, instances) };
  }

  rng(instance: number): Rng {
    return this.#input.rng.split(this.#firstInstance + instance);
  }

  #marginsOf(logits: Float32Array, instances: ArrayLike<number>): Float32Array {
    const { classes } = this.#input.classifier;
    const margins = Float32Array.from(instances, (instance, i) =>
      this.#targets
        ? -margin(logits, i * classes, classes, this.#targets[instance]!)
        : margin(logits, i * classes, classes, this.#labels[instance]!),
    );
    this.#trace.note(instances, margins, this.#start);
    return margins;
  }

  #checkCall(candidates: Float32Array, instances: ArrayLike<number>): void {
    const bad = Array.from(instances).find((i) => !Number.isInteger(i) || i < 0 || i >= this.count);
    if (bad !== undefined || candidates.length !== instances.length * this.features) {
      const received =
        bad === undefined ? `${candidates.length} values for ${instances.length} instances` : `instance ${bad}`;
      throw new RampartError({
        code: 'contract',
        message: `Attack "${this.#input.attack.label}" asked the model about ${received}. Expected ${this.features} values for each instance, and instances from 0 to ${this.count - 1}.`,
      });
    }
  }
}

function count(counts: Int32Array, instances: ArrayLike<number>): void {
  for (let i = 0; i < instances.length; i++) counts[instances[i]!]! += 1;
}
