import { Rng } from '../rng';
import type { Bounds } from './bounds';
import type { NormName } from './norm';
import { NORMS } from './norms';

/** What a projection is given. */
interface Problem {
  readonly point: Float32Array;
  readonly origin: Float32Array;
  readonly epsilon: number;
  readonly bounds: Bounds;
}

const names = Object.keys(NORMS) as NormName[];
const pick = <T>(rng: Rng, values: readonly T[]): T => values[rng.integer(values.length)]!;

/**
 * Boxes that bind and that do not, origins at bounds, features that may not change or where the point has not moved,
 * points near and far, and balls from next to nothing to all of it.
 */
function draw(rng: Rng, name: NormName, size: number): Problem {
  const lower = new Float32Array(size);
  const upper = new Float32Array(size);
  const origin = new Float32Array(size);
  const point = new Float32Array(size);
  const room = pick(rng, [0.3, 1, 30]);
  const far = pick(rng, [0.1, 1, 10]);
  for (let i = 0; i < size; i++) {
    const [a, b] = [room * (rng.uniform() - 0.5), room * (rng.uniform() - 0.5)];
    lower[i] = Math.min(a, b);
    upper[i] = pick(rng, [0, 1, 1, 1, 1]) === 0 ? lower[i]! : Math.max(a, b);
    const inside = Math.fround(lower[i]! + (upper[i]! - lower[i]!) * rng.uniform());
    origin[i] = pick(rng, [lower[i]!, upper[i]!, inside, inside, inside]);
    point[i] = pick(rng, [0, 1, 1, 1, 1]) === 0 ? origin[i]! : origin[i]! + far * rng.normal();
  }
  const epsilon = name === 'l0' ? (size + 1) * rng.uniform() : 10 ** (5 * rng.uniform() - 4);
  return { point, origin, epsilon, bounds: { lower, upper } };
}

function projected(name: NormName, { point, origin, epsilon, bounds }: Problem): Float32Array {
  const result = point.slice();
  NORMS[name].project(result, origin, epsilon, bounds);
  return result;
}

/** Every way to give each of `size` features one of the states 0 .. states-1. */
function* assignments(size: number, states: number): Generator<readonly number[]> {
  for (let code = 0; code < states ** size; code++) {
    yield Array.from({ length: size }, (_, i) => Math.floor(code / states ** i) % states);
  }
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** Squared Euclidean distance. */
const cost = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  total(Array.from(a, (value, i) => (value - b[i]!) ** 2));

/**
 * Candidates for the solution of the quadratic programme: for every choice of active constraints, the point that
 * solves its equations. The solution is the best one among those that are feasible.
 */
const candidates: Record<NormName, (problem: Problem) => Generator<readonly number[]>> = {
  *linf({ point, origin, epsilon, bounds: { lower, upper } }) {
    for (const states of assignments(point.length, 5)) {
      yield states.map(
        (state, i) => [lower[i]!, upper[i]!, origin[i]! - epsilon, origin[i]! + epsilon, point[i]!][state]!,
      );
    }
  },
  *l2({ point, origin, epsilon, bounds: { lower, upper } }) {
    for (const states of assignments(point.length, 3)) {
      const at = (t: number) =>
        states.map((state, i) => [lower[i]!, upper[i]!, origin[i]! + t * (point[i]! - origin[i]!)][state]!);
      yield at(1);
      const bound = total(at(1).map((value, i) => (states[i] === 2 ? 0 : (value - origin[i]!) ** 2)));
      const free = total(states.map((state, i) => (state === 2 ? (point[i]! - origin[i]!) ** 2 : 0)));
      yield at(Math.sqrt((epsilon ** 2 - bound) / free));
    }
  },
  *l1({ point, origin, epsilon, bounds: { lower, upper } }) {
    // At a bound, at the origin, or free above or below it.
    for (const states of assignments(point.length, 5)) {
      const at = (lambda: number) =>
        states.map((state, i) => [lower[i]!, upper[i]!, origin[i]!, point[i]! - lambda, point[i]! + lambda][state]!);
      yield at(0);
      const bound = total(at(0).map((value, i) => (states[i]! > 2 ? 0 : Math.abs(value - origin[i]!))));
      const free = total(states.map((state, i) => [0, 0, 0, 1, -1][state]! * (point[i]! - origin[i]!)));
      yield at((bound + free - epsilon) / states.filter((state) => state > 2).length);
    }
  },
  *l0({ point, origin, bounds: { lower, upper } }) {
    for (const states of assignments(point.length, 4)) {
      yield states.map((state, i) => [lower[i]!, upper[i]!, origin[i]!, point[i]!][state]!);
    }
  },
};

/** The norm of a - b in full precision. */
const measure: Record<NormName, (a: readonly number[], b: Float32Array) => number> = {
  linf: (a, b) => Math.max(...a.map((value, i) => Math.abs(value - b[i]!))),
  l2: (a, b) => Math.sqrt(cost(a, b)),
  l1: (a, b) => total(a.map((value, i) => Math.abs(value - b[i]!))),
  l0: (a, b) => a.filter((value, i) => value !== b[i]).length,
};

function solve(name: NormName, problem: Problem): readonly number[] {
  const { point, origin, epsilon, bounds } = problem;
  let best: readonly number[] = Array.from(origin);
  let least = cost(best, point);
  for (const candidate of candidates[name](problem)) {
    const inside = candidate.every((value, i) => value >= bounds.lower[i]! && value <= bounds.upper[i]!);
    if (!inside || !(measure[name](candidate, origin) <= epsilon * (1 + 1e-9))) continue;
    const distance = cost(candidate, point);
    if (distance >= least) continue;
    best = candidate;
    least = distance;
  }
  return best;
}

function expectFeasible(name: NormName, result: Float32Array, { origin, epsilon, bounds }: Problem): void {
  expect(result.every((value, i) => value >= bounds.lower[i]! && value <= bounds.upper[i]!)).toBe(true);
  expect(NORMS[name].distance(result, origin)).toBeLessThanOrEqual(epsilon);
}

describe.each(names)('the projection of %s', (name) => {
  const norm = NORMS[name];

  it.each([1, 2, 3, 4, 5, 6])('is what the quadratic programme of %d features comes to', (size) => {
    const rng = Rng.root('programme').split(size);
    const trials = size < 6 ? 100 : 20;
    let bounded = 0;
    for (let trial = 0; trial < trials; trial++) {
      const problem = draw(rng, name, size);
      const result = projected(name, problem);
      const solution = solve(name, problem);
      expectFeasible(name, result, problem);
      expect(Math.sqrt(cost(result, problem.point))).toBeCloseTo(Math.sqrt(cost(solution, problem.point)), 5);
      // Two subsets of features can be as good as each other.
      if (name !== 'l0') solution.forEach((value, i) => expect(Math.abs(result[i]! - value)).toBeLessThan(1e-5));
      if (measure[name](solution, problem.origin) > 0.999 * Math.floor(problem.epsilon)) bounded++;
    }
    // The ball binds in some and does not in others.
    expect(bounded).toBeGreaterThan(trials / 10);
    expect(bounded).toBeLessThan(trials);
  });

  it('of many features is nearer than anything else inside', () => {
    const rng = Rng.root('many');
    for (let trial = 0; trial < 30; trial++) {
      const size = pick(rng, [700, 1500, 3072]);
      const drawn = draw(rng, name, size);
      const problem = { ...drawn, epsilon: drawn.epsilon * pick(rng, [1, 10, 100]) };
      const result = projected(name, problem);
      expectFeasible(name, result, problem);
      const least = cost(result, problem.point);
      for (let other = 0; other < 5; other++) {
        // Some are close by, where only the exact projection is nearer.
        const spread = 10 ** (-6 * rng.uniform());
        const elsewhere = result.map((value) => value + spread * rng.normal());
        norm.project(elsewhere, problem.origin, problem.epsilon, problem.bounds);
        expect(cost(elsewhere, problem.point)).toBeGreaterThanOrEqual(least * (1 - 1e-6));
      }
    }
  });

  it('leaves what is inside as it is, itself too', () => {
    const rng = Rng.root('inside');
    for (let trial = 0; trial < 100; trial++) {
      const problem = draw(rng, name, pick(rng, [1, 5, 784]));
      const result = projected(name, problem);
      expect(projected(name, { ...problem, point: result })).toEqual(result);
      expect(projected(name, { ...problem, point: result, epsilon: 2 * problem.epsilon })).toEqual(result);
      expect(projected(name, { ...problem, point: problem.origin })).toEqual(problem.origin);
    }
  });

  it('without an epsilon clips to the bounds, with none to spare stays at the origin', () => {
    const rng = Rng.root('limits');
    for (let trial = 0; trial < 50; trial++) {
      const problem = draw(rng, name, 20);
      const { lower, upper } = problem.bounds;
      const clipped = problem.point.map((value, i) => Math.min(Math.max(value, lower[i]!), upper[i]!));
      expect(projected(name, { ...problem, epsilon: Infinity })).toEqual(clipped);
      expect(projected(name, { ...problem, epsilon: 1e9 })).toEqual(clipped);
      expect(projected(name, { ...problem, epsilon: 0 })).toEqual(problem.origin);
    }
  });

  it('does not change a feature that may not change', () => {
    const rng = Rng.root('frozen');
    for (let trial = 0; trial < 50; trial++) {
      const { point, origin, epsilon } = draw(rng, name, 10);
      expect(projected(name, { point, origin, epsilon, bounds: { lower: origin, upper: origin } })).toEqual(origin);
    }
  });

  it('takes points from any distance and balls of any size', () => {
    const rng = Rng.root('extremes');
    for (let trial = 0; trial < 400; trial++) {
      const drawn = draw(rng, name, pick(rng, [1, 2, 40, 1000]));
      const far = 10 ** (60 * rng.uniform() - 30);
      const problem = {
        ...drawn,
        point: drawn.point.map((value) => value * (rng.uniform() < 0.5 ? far : 1)),
        epsilon: name === 'l0' ? drawn.epsilon : 10 ** (40 * rng.uniform() - 35),
      };
      expectFeasible(name, projected(name, problem), problem);
    }
  });

  it('takes many features that are equal', () => {
    const origin = new Float32Array(3072).fill(0.5);
    const point = new Float32Array(3072).fill(0.75);
    const bounds = { lower: new Float32Array(3072), upper: new Float32Array(3072).fill(1) };
    const problem = { point, origin, epsilon: 8, bounds };
    const result = projected(name, problem);
    const share = { linf: 0.25, l2: 8 / Math.sqrt(3072), l1: 8 / 3072, l0: 0.25 }[name];
    expectFeasible(name, result, problem);
    const reached = name === 'l0' ? result.subarray(0, 8) : result;
    reached.forEach((value) => expect(value).toBeCloseTo(0.5 + share, 6));
  });

  it('does not hide NaN', () => {
    const origin = new Float32Array(4).fill(0.5);
    const bounds = { lower: new Float32Array(4), upper: new Float32Array(4).fill(1) };
    const result = projected(name, { point: Float32Array.of(2, NaN, 0.7, -3), origin, epsilon: 1, bounds });
    expect(result[1]).toBeNaN();
    expect([0, 2, 3].every((i) => result[i]! >= 0 && result[i]! <= 1)).toBe(true);
  });
});
