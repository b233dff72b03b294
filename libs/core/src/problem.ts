import type { AttackerGradient, AttackProblem, BestPoint, GradientOptions } from './attack';
import { answersOf, type AttackLoss, evasionMargin, hasRival } from './classifier';
import { RampartError, throwIfCancelled } from './error';
import type { EvadeInput } from './evasion';
import { featureCount, sliceBatch } from './image-batch';
import type { LossTrace } from './loss-trace';
import type { Rng } from './rng';
import { StageAccount } from './stage-account';
import type { Bounds } from './threat/bounds';
import type { Feasibility } from './threat/feasible-set';
import { NORMS } from './threat/norms';
import type { ThreatModel } from './threat/threat-model';

/** A point may be this much farther away than epsilon: the rounding of its features to float32. */
const BALL_ROUNDING = 1e-6;

/** A margin counts as negative where it is so by more than this part of the largest logit: rounding decides the rest. */
const MARGIN_ROUNDING = 1e-6;

/** The bit of a float32 that is its sign. */
const SIGN = -0x8000_0000;

/** What a problem is made of besides the instances. */
export interface ProblemParts {
  readonly trace: LossTrace;
  readonly threat: ThreatModel;
  readonly feasibility: Feasibility;
  /** Whether the base keeps the best point of each instance. */
  readonly keepsBest: boolean;
  /** Evaluations of the model that one question costs. */
  readonly samples: number;
  readonly window: number;
  readonly onDone: (done: number) => void;
}

/**
 * An attack problem over some of the instances: it counts what each of them costs and keeps its best point. Its fields
 * that the contract does not name are out of the search's reach, the labels above all.
 */
export class CountingProblem implements AttackProblem {
  readonly count: number;
  readonly features: number;
  readonly shape;
  readonly box;
  readonly classes: number;
  readonly targeted: boolean;
  readonly threat: ThreatModel;
  readonly window: number;
  readonly originals: Float32Array;
  readonly signal: AbortSignal | undefined;
  readonly #input: EvadeInput;
  readonly #parts: ProblemParts;
  readonly #labels: Int32Array;
  readonly #targets: Int32Array | undefined;
  readonly #firstInstance: number;
  readonly #start: number;
  readonly #forwardEvaluations: Int32Array;
  readonly #gradientEvaluations: Int32Array;
  readonly #account: StageAccount;
  readonly #best: BestPoints | undefined;

  constructor(input: EvadeInput, parts: ProblemParts, start: number, end: number) {
    const batch = sliceBatch(input.images, start, end);
    this.count = batch.count;
    this.features = featureCount(batch.shape);
    this.shape = batch.shape;
    this.box = batch.box;
    this.classes = input.classifier.classes;
    this.targeted = input.targets !== undefined;
    this.threat = parts.threat;
    this.window = parts.window;
    // A search of its own making may write where it should not; the base's gets copies of what it needs.
    this.originals = parts.keepsBest ? batch.data : batch.data.slice();
    this.signal = input.signal;
    this.#input = input;
    this.#parts = parts;
    this.#start = start;
    this.#labels = input.labels.subarray(start, end);
    this.#targets = input.targets?.subarray(start, end);
    this.#firstInstance = (input.firstInstance ?? 0) + start;
    this.#forwardEvaluations = new Int32Array(batch.count);
    this.#gradientEvaluations = new Int32Array(batch.count);
    this.#account = new StageAccount(batch.count);
    if (parts.keepsBest) this.#best = new BestPoints(batch.data, batch.count, parts.threat);
    // A search may take the problem apart: ({ gradient, rng }) => ...
    for (const method of METHODS) (this as Record<string, unknown>)[method] = this[method].bind(this);
  }

  /** What each instance has cost so far. */
  static costs(problem: CountingProblem): { forward: Int32Array; gradient: Int32Array } {
    return { forward: problem.#forwardEvaluations, gradient: problem.#gradientEvaluations };
  }

  /** What each stage of an ensemble did. */
  static account(problem: CountingProblem): StageAccount {
    return problem.#account;
  }

  /** Every instance's best point: [count, features]. */
  static bestPoints(problem: CountingProblem): Float32Array | undefined {
    return problem.#best?.points;
  }

  bounds(instance: number): Bounds {
    return this.#parts.feasibility.bounds(this.#input.images.data, (this.#start + instance) * this.features);
  }

  async margins(candidates: Float32Array, instances: ArrayLike<number>): Promise<Float32Array> {
    const feasible = this.#ask(candidates, instances, this.#forwardEvaluations);
    const { logits, scores = logits } = await answersOf(this.#input.classifier, feasible);
    return this.#note(feasible, scores, instances);
  }

  async logits(candidates: Float32Array, instances: ArrayLike<number>): Promise<Float32Array> {
    const feasible = this.#ask(candidates, instances, this.#forwardEvaluations);
    const { logits, scores = logits } = await answersOf(this.#input.classifier, feasible);
    this.#note(feasible, scores, instances);
    return logits;
  }

  async gradient(
    candidates: Float32Array,
    instances: ArrayLike<number>,
    loss: AttackLoss,
    { rivals, asIs = false, inside = false }: GradientOptions = {},
  ): Promise<AttackerGradient> {
    const feasible = this.#ask(candidates, instances, this.#gradientEvaluations);
    // Of a rival the label is told apart; everything else looks at the goal.
    const goal = hasRival(loss) ? this.#labels : (this.#targets ?? this.#labels);
    const aims = Int32Array.from(instances, (instance) => goal[instance]!);
    const answer = await this.#input.classifier.lossGradient(feasible, aims, loss, rivals);
    const { logits, losses, gradient, scores = logits } = answer;
    // An untargeted attack lowers the margin of the true label and raises its cross-entropy; a targeted one the
    // other way round for the target.
    const raised = !hasRival(loss) && (loss === 'cross-entropy') !== this.targeted;
    if (raised) negate(losses);
    if (raised && !asIs) negate(gradient);
    this.#parts.feasibility.still(gradient);
    return {
      losses,
      gradient,
      sign: raised && asIs ? -1 : 1,
      logits,
      margins: this.#note(feasible, scores, instances, inside),
    };
  }

  async inner(candidates: Float32Array, instances: ArrayLike<number>, layer?: string): Promise<Float32Array> {
    const { inner } = this.#input.classifier;
    if (!inner) throw this.#withoutInner();
    return inner(this.#ask(candidates, instances, this.#forwardEvaluations), layer);
  }

  async innerGradient(
    candidates: Float32Array,
    instances: ArrayLike<number>,
    guides: Float32Array,
    layer?: string,
  ): Promise<AttackerGradient> {
    const { innerGradient } = this.#input.classifier;
    if (!innerGradient) throw this.#withoutInner();
    const feasible = this.#ask(candidates, instances, this.#gradientEvaluations);
    const { logits, losses, gradient, scores = logits } = await innerGradient(feasible, guides, layer);
    this.#parts.feasibility.still(gradient);
    return { losses, gradient, sign: 1, logits, margins: this.#note(feasible, scores, instances) };
  }

  rivals(instance: number, logits: ArrayLike<number>, offset: number): Int32Array {
    if (this.#targets) return Int32Array.of(this.#targets[instance]!);
    const others = Array.from({ length: this.classes }, (_, j) => j).filter((j) => j !== this.#labels[instance]);
    // A stable sort: the lower class of two alike comes first.
    return Int32Array.from(others.sort((a, b) => logits[offset + b]! - logits[offset + a]!));
  }

  best(instance: number): BestPoint {
    const best = this.#best?.get(instance);
    if (best) return best;
    const point = this.originals.subarray(instance * this.features, (instance + 1) * this.features);
    return { point, margin: Infinity, distance: 0, evades: false };
  }

  decided(instance: number): boolean {
    return this.#best?.decided(instance) ?? false;
  }

  stage(instance: number, name: string): void {
    this.#account.enter(instance, name);
  }

  rng(instance: number): Rng {
    return this.#input.rng.split(this.#firstInstance + instance);
  }

  progress(done: number): void {
    this.#parts.onDone(done);
  }

  /** Checks and counts a question. Returns the candidates as they are asked about: on the values that features may take. */
  #ask(candidates: Float32Array, instances: ArrayLike<number>, counts: Int32Array): Float32Array {
    throwIfCancelled(this.signal);
    this.#checkCall(candidates, instances);
    const { feasibility, keepsBest, samples } = this.#parts;
    const gradients = counts === this.#gradientEvaluations;
    for (let i = 0; i < instances.length; i++) {
      counts[instances[i]!]! += samples;
      this.#account.count(instances[i]!, gradients, samples);
    }
    if (feasibility.continuous || !keepsBest) return candidates;
    const rounded = candidates.slice();
    for (let i = 0; i < instances.length; i++) this.#round(rounded, i, candidates, instances[i]!);
    return rounded;
  }

  /** Moves a row to values that its features may take, towards the original where the nearest ones leave the ball. */
  #round(rows: Float32Array, row: number, asked: Float32Array, of: number): void {
    const { features, threat } = this;
    const { feasibility } = this.#parts;
    const [at, from, instance] = [row * features, of * features, this.#start + of];
    feasibility.round(rows, at, this.originals, from, { instance });
    if (threat.norm === 'none' || threat.epsilon === Infinity) return;
    const point = rows.subarray(at, at + features);
    const original = this.originals.subarray(from, from + features);
    if (NORMS[threat.norm].distance(point, original) <= threat.epsilon + BALL_ROUNDING) return;
    point.set(asked.subarray(at, at + features));
    feasibility.round(rows, at, this.originals, from, { instance, inward: true });
  }

  /** @param scores a row a candidate: its logits, or with the score of a rejection */
  #note(candidates: Float32Array, scores: Float32Array, instances: ArrayLike<number>, inside = false): Float32Array {
    const { classes } = this;
    const columns = scores.length / instances.length;
    const margins = new Float32Array(instances.length);
    for (let i = 0; i < margins.length; i++) {
      const instance = instances[i]!;
      const aim = { label: this.#labels[instance]!, target: this.#targets?.[instance] };
      margins[i] = evasionMargin(scores, i * columns, { classes, columns }, aim);
      if (!this.#best) continue;
      const offset = i * this.features;
      const offered = { candidates, offset, margin: margins[i]!, rounding: rounding(scores, i, columns), inside };
      if (this.#best.offer(instance, offered, this.bounds)) this.#account.decide(instance);
    }
    this.#parts.trace.note(instances, margins, this.#start);
    return margins;
  }

  #withoutInner(): RampartError {
    return new RampartError({
      code: 'bad-model',
      message: `Attack "${this.#input.attack.label}" needs the values of an inner layer. The model that it was given has none to look at: it is attacked with estimated gradients, or is no ONNX graph.`,
    });
  }

  #checkCall(candidates: Float32Array, instances: ArrayLike<number>): void {
    let bad: number | undefined;
    for (let i = 0; i < instances.length && bad === undefined; i++) {
      const instance = instances[i]!;
      if (!(Number.isInteger(instance) && instance >= 0 && instance < this.count)) bad = instance;
    }
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

const METHODS = [
  ...(['margins', 'logits', 'gradient', 'inner', 'innerGradient', 'bounds'] as const),
  ...(['rivals', 'best', 'decided', 'stage', 'rng', 'progress'] as const),
];

/** Changes the signs in place; by their bits, as nothing is then converted to float64 and back. */
function negate(values: Float32Array): void {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < bits.length; i++) bits[i] = bits[i]! ^ SIGN;
}

/** How far below 0 a margin must be to count: more than rounding makes of it. */
function rounding(scores: Float32Array, row: number, columns: number): number {
  let largest = 0;
  for (let j = row * columns; j < (row + 1) * columns; j++) largest = Math.max(largest, Math.abs(scores[j]!));
  return MARGIN_ROUNDING * largest;
}

/** A point that was asked about. */
interface Offered {
  readonly candidates: Float32Array;
  readonly offset: number;
  readonly margin: number;
  /** How far below 0 its margin must be to count. */
  readonly rounding: number;
  /** Whether it is said to be in the ball, which is believed of what does not evade. */
  readonly inside: boolean;
}

/** Whether a point is inside the bounds, but for rounding: what is not is no example, whatever the model says. */
function isWithin(candidates: Float32Array, offset: number, { lower, upper }: Bounds): boolean {
  for (let k = 0; k < lower.length; k++) {
    const value = candidates[offset + k]!;
    if (!(value >= lower[k]! - BALL_ROUNDING && value <= upper[k]! + BALL_ROUNDING)) return false;
  }
  return true;
}

/**
 * The best point of each instance: within a budget the one that evades, of several that of the lowest margin, else the
 * one of the lowest margin; without a budget the nearest that evades, else that of the lowest margin.
 */
class BestPoints {
  readonly points: Float32Array;
  private readonly margins: Float64Array;
  private readonly distances: Float64Array;
  private readonly evading: Uint8Array;
  private readonly features: number;

  constructor(
    private readonly originals: Float32Array,
    count: number,
    private readonly threat: ThreatModel,
  ) {
    this.points = originals.slice();
    this.features = originals.length / count;
    this.margins = new Float64Array(count).fill(Infinity);
    this.distances = new Float64Array(count);
    this.evading = new Uint8Array(count);
  }

  get(instance: number): BestPoint {
    return {
      point: this.points.subarray(instance * this.features, (instance + 1) * this.features),
      margin: this.margins[instance]!,
      distance: this.distanceOf(instance),
      evades: this.evading[instance] === 1,
    };
  }

  /** Within a budget at the first example; without one only where the original is an example itself. */
  decided(instance: number): boolean {
    if (this.evading[instance] === 0) return false;
    return this.distances[instance] === 0 || (this.threat.norm !== 'none' && this.threat.epsilon < Infinity);
  }

  /** Takes a point that was asked about. Returns true where it is the first of its instance that evades. */
  offer(
    instance: number,
    { candidates, offset, margin: value, rounding: tolerance, inside }: Offered,
    bounds: (instance: number) => Bounds,
  ): boolean {
    const evades = value < -tolerance;
    const already = this.evading[instance] === 1;
    if (already && !evades) return false;
    const nearest = this.threat.norm !== 'none' && this.threat.epsilon === Infinity;
    const lower = value < this.margins[instance]!;
    if (nearest ? !evades && !lower : evades === already && !lower) return false;
    // How far a point is that does not evade need not be known, if only it is in the ball.
    const near = !evades && !nearest && (inside || this.threat.norm === 'linf');
    if (near && !inside && !this.isNear(instance, candidates, offset)) return false;
    const known = evades || !(nearest || near);
    const distance = known ? this.distance(instance, candidates, offset) : NaN;
    if (nearest ? already && distance >= this.distances[instance]! : distance > this.reach()) return false;
    if (evades && !isWithin(candidates, offset, bounds(instance))) return false;
    this.points.set(candidates.subarray(offset, offset + this.features), instance * this.features);
    this.margins[instance] = value;
    this.distances[instance] = distance;
    this.evading[instance] = Number(evades);
    return evades && !already;
  }

  private distanceOf(instance: number): number {
    const known = this.distances[instance]!;
    return Number.isNaN(known) ? this.distance(instance, this.points, instance * this.features) : known;
  }

  /** Whether a point is in the ball of l-infinity: most are, so that a branch costs less than the distance. */
  private isNear(instance: number, candidates: Float32Array, offset: number): boolean {
    const reach = this.reach();
    const from = instance * this.features;
    for (let k = 0; k < this.features; k++) {
      const moved = candidates[offset + k]! - this.originals[from + k]!;
      if (moved > reach || moved < -reach) return false;
    }
    return true;
  }

  private reach(): number {
    return this.threat.norm === 'none' ? Infinity : this.threat.epsilon + BALL_ROUNDING;
  }

  private distance(instance: number, candidates: Float32Array, offset: number): number {
    const norm = this.threat.norm === 'none' ? NORMS.l2 : NORMS[this.threat.norm];
    const from = instance * this.features;
    return norm.distance(
      candidates.subarray(offset, offset + this.features),
      this.originals.subarray(from, from + this.features),
    );
  }
}
