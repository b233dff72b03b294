import { type AttackProblem, clip, defineAttack, type Rng, type SearchResult } from '@rampart/core';
import { z } from 'zod';

import { EvasionObjective } from './evasion-objective';

/** Instances whose candidates are evaluated in one batch. */
const WINDOW = 256;

const params = z.object({
  rule: z
    .enum(['random', 'largest-gain'])
    .default('random')
    .describe('How the next coordinate is chosen: uniformly with replacement, or the one that promises most.'),
  step: z
    .number()
    .positive()
    .default(1)
    .describe('How far a coordinate moves against the sign of its partial derivative, in units of the pixel box.'),
  steps: z.int().positive().default(4000).describe('Coordinates tried before the search starts over.'),
  restarts: z.int().min(0).default(2).describe('Times the search starts over from the original instance.'),
  lambda: z.number().min(0).default(0).describe('Weight of the distortion in the cost exp(lambda sqrt(|d|^2+1)).'),
});

type CgParams = z.output<typeof params>;

/**
 * Coordinate greedy (the publication's section 4): takes a coordinate, moves it along its partial derivative of
 * Q(x') = f(x') + c(x', x), keeps the move only if Q does not rise, and stops as soon as the instance evades.
 *
 * Taken literally every step costs a gradient and a forward evaluation. The same trajectory costs one gradient
 * evaluation for each coordinate that really moves: the gradient at a candidate also gives its margin, and serves
 * the next step if the candidate is kept; after a rejected move the old gradient still holds; a coordinate that is
 * at its bound already, or was rejected since the last move, changes nothing and is passed over. Instances at
 * different stages share a batch, so that it stays full until the last ones.
 */
export const cg = defineAttack({
  name: 'cg',
  summary: 'Coordinate greedy: one pixel at a time along its partial derivative, until the instance evades.',
  source: 'Chen, Li, Vorobeychik, section 4; Li, Vorobeychik 2018, "Evasion-robust classification on binary domains"',
  version: 1,
  params,
  threat: () => ({ norm: 'none' }),
  create: (options) => (problem) => search(options, problem),
});

async function search(options: CgParams, problem: AttackProblem): Promise<SearchResult> {
  const { count, features } = problem;
  const candidates = problem.originals.slice();
  const iterations = new Int32Array(count);
  const batch = new Float32Array(Math.min(WINDOW, count) * features);
  let waiting = 0;
  let active: Descent[] = [];

  for (;;) {
    while (active.length < WINDOW && waiting < count) active.push(new Descent(options, problem, waiting++));
    if (active.length === 0) return { candidates, iterations };

    active.forEach((descent, slot) => batch.set(descent.candidate, slot * features));
    const { margins, gradient } = await problem.gradient(
      batch.subarray(0, active.length * features),
      active.map((descent) => descent.instance),
      'margin',
    );
    active = active.filter((descent, slot) => {
      const slope = gradient.subarray(slot * features, (slot + 1) * features);
      if (descent.judge(margins[slot]!, slope) && descent.propose()) return true;
      candidates.set(descent.best, descent.instance * features);
      iterations[descent.instance] = descent.iterations;
      return false;
    });
  }
}

/** The descent of one instance, between one evaluation of its candidate and the next. */
class Descent {
  /** The point to be evaluated next. */
  candidate: Float32Array;
  /** The evading point, or the one of the lowest margin. */
  best: Float32Array;
  iterations = 0;

  private readonly objective: EvasionObjective;
  private readonly rng: Rng;
  private readonly offset: number;
  private readonly features: number;
  /** The point reached, its objective and its gradient; undefined until the first evaluation after a start. */
  private current: { point: Float32Array; objective: number; gradient: Float32Array } | undefined;
  private lowestMargin = Infinity;
  private stepsLeft: number;
  private restartsLeft: number;
  private moved = -1;
  /** Coordinates whose move was rejected at the current point. */
  private rejected = new Set<number>();

  constructor(
    private readonly options: CgParams,
    private readonly problem: AttackProblem,
    readonly instance: number,
  ) {
    this.objective = new EvasionObjective(options.lambda);
    this.features = problem.features;
    this.offset = instance * problem.features;
    this.rng = problem.rng(instance);
    this.candidate = this.original();
    this.best = this.candidate;
    this.stepsLeft = options.steps;
    this.restartsLeft = options.restarts;
  }

  /** Takes or rejects the candidate. Returns false when it evades, which ends the search. */
  judge(margin: number, gradient: Float32Array): boolean {
    if (margin < this.lowestMargin) {
      this.lowestMargin = margin;
      this.best = this.candidate;
    }
    if (margin < 0) return false;
    const { problem, objective, offset } = this;
    const value = margin + objective.cost(this.candidate, problem.originals, offset);
    if (this.current !== undefined && value > this.current.objective) {
      this.rejected.add(this.moved);
      return true;
    }
    const slope = gradient.slice();
    objective.addCostGradient(slope, this.candidate, problem.originals, offset);
    this.current = { point: this.candidate, objective: value, gradient: slope };
    this.rejected.clear();
    return true;
  }

  /** Chooses the next candidate. Returns false when steps and restarts are used up. */
  propose(): boolean {
    const current = this.current!;
    while (this.stepsLeft > 0) {
      this.stepsLeft--;
      this.iterations++;
      const coordinate = this.choose();
      if (coordinate < 0) break;
      const value = this.target(coordinate);
      if (value === current.point[coordinate] || this.rejected.has(coordinate)) continue;
      this.moved = coordinate;
      this.candidate = current.point.slice();
      this.candidate[coordinate] = value;
      return true;
    }
    if (this.restartsLeft === 0 || this.options.rule === 'largest-gain') return false;
    this.restartsLeft--;
    this.stepsLeft = this.options.steps;
    this.current = undefined;
    this.rejected.clear();
    this.candidate = this.original();
    return true;
  }

  /** The next coordinate to try, or -1 when none can lower the objective. */
  private choose(): number {
    if (this.options.rule === 'random') return this.rng.integer(this.features);
    const { point, gradient } = this.current!;
    let chosen = -1;
    let largest = 0;
    for (let k = 0; k < this.features; k++) {
      const gain = gradient[k]! * (point[k]! - this.target(k));
      if (gain > largest && !this.rejected.has(k)) {
        largest = gain;
        chosen = k;
      }
    }
    return chosen;
  }

  /** Where a coordinate moves to: a step against the sign of its partial derivative, inside the box. */
  private target(coordinate: number): number {
    const { point, gradient } = this.current!;
    return Math.fround(
      clip(point[coordinate]! - this.options.step * Math.sign(gradient[coordinate]!), this.problem.box),
    );
  }

  private original(): Float32Array {
    return this.problem.originals.slice(this.offset, this.offset + this.features);
  }
}
