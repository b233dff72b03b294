import type { AttackProblem, BestPoint } from './attack';
import type { AttackedInstance } from './attack-instance';
import type { Rng } from './rng';
import type { Bounds } from './threat/bounds';
import type { Norm } from './threat/norm';
import { NORMS } from './threat/norms';

/** An instance of a problem, with the random numbers of the run that it is in. */
export class Attacked implements AttackedInstance {
  readonly features;
  readonly shape;
  readonly box;
  readonly classes;
  readonly targeted;
  readonly original: Float32Array;
  readonly norm: Norm;
  readonly epsilon: number;
  readonly bounds: Bounds;
  rng: Rng;
  run = 0;

  constructor(
    protected readonly problem: AttackProblem,
    protected readonly index: number,
  ) {
    const { features, shape, box, classes, targeted, threat, originals } = problem;
    this.features = features;
    this.shape = shape;
    this.box = box;
    this.classes = classes;
    this.targeted = targeted;
    this.original = originals.slice(index * features, (index + 1) * features);
    this.norm = NORMS[threat.norm === 'none' ? 'l2' : threat.norm];
    this.epsilon = threat.norm === 'none' ? Infinity : threat.epsilon;
    this.bounds = problem.bounds(index);
    this.rng = problem.rng(index);
  }

  get best(): BestPoint {
    return this.problem.best(this.index);
  }

  begin(run: number): void {
    this.run = run;
    // The first run draws what a single one would.
    this.rng = run === 0 ? this.problem.rng(this.index) : this.problem.rng(this.index).split(run);
  }

  project(point: Float32Array): void {
    this.norm.project(point, this.original, this.epsilon, this.bounds);
  }

  distance(point: Float32Array): number {
    return this.norm.distance(point, this.original);
  }
}
