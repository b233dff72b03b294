import { differentiate } from '../gradient/differentiate';
import type { Model, Tensor } from '../graph/ir';
import { withOutputs } from '../graph/outputs';
import { isFloat, numericTensor, toNumbers } from '../graph/tensor';
import type { ValueTypes } from '../graph/value-types';
import { probe } from './probe';
import { Session, type SessionOptions } from './session';

export interface FiniteDifferenceOptions {
  /** The outputs to differentiate; all floating-point ones where nothing is said. */
  readonly of?: readonly string[];
  /** The inputs to differentiate with respect to; all floating-point ones where nothing is said. */
  readonly wrt?: readonly string[];
  /** How far an element is moved to either side: 0.02 where nothing is said, which suits float32. */
  readonly step?: number;
  /** Compares at most so many elements of each input, spread evenly; all where nothing is said. */
  readonly elements?: number;
  readonly types?: ValueTypes;
  readonly session?: SessionOptions;
}

/** One input's gradient, derived and measured. */
export interface GradientComparison {
  readonly input: string;
  /** The elements that were compared. */
  readonly places: readonly number[];
  readonly derived: readonly number[];
  readonly measured: readonly number[];
  /** |derived - measured| / |measured| in Euclidean norms; measured ones below 0.01 an element count as that. */
  readonly error: number;
}

type Feeds = Readonly<Record<string, Tensor>>;

/**
 * Compares the gradient that `differentiate` derives with central finite differences, extrapolated from two steps
 * (Richardson), of a fixed weighted sum of the outputs. Both run in ONNX Runtime.
 */
export async function compareGradients(
  model: Model,
  feeds: Feeds,
  options: FiniteDifferenceOptions = {},
): Promise<GradientComparison[]> {
  const types = options.types ?? (await probe(model, { feeds }));
  const floats = (values: readonly { readonly name: string }[]) =>
    values.map(({ name }) => name).filter((name) => isFloat(types.values.get(name)?.type ?? 'other'));
  const of = options.of ?? floats(types.model.graph.outputs);
  const wrt = options.wrt ?? floats(types.model.graph.inputs);
  const forward = await Session.open(withOutputs(types.model, of), options.session);
  try {
    const outputs = await forward.run(feeds);
    const weights = new Map(of.map((name, k) => [name, weightsLike(outputs[name]!, k)]));
    const derived = await derive(types, of, wrt, weights, feeds, options.session);
    const difference = async (up: Feeds, down: Feeds) => {
      const [high, low] = [await forward.run(up), await forward.run(down)];
      return of.reduce((sum, name) => sum + weightedDifference(high[name]!, low[name]!, weights.get(name)!), 0);
    };
    const comparisons: GradientComparison[] = [];
    for (const input of wrt) {
      const places = spread(finitePlaces(feeds[input]!), options.elements ?? Infinity);
      const measured: number[] = [];
      for (const place of places) measured.push(await slope(difference, feeds, input, place, options.step ?? 0.02));
      const all = toNumbers(derived[input]!);
      comparisons.push(
        compare(
          input,
          places,
          places.map((place) => all[place]!),
          measured,
        ),
      );
    }
    return comparisons;
  } finally {
    await forward.dispose();
  }
}

async function derive(
  types: ValueTypes,
  of: readonly string[],
  wrt: readonly string[],
  weights: ReadonlyMap<string, Tensor>,
  feeds: Feeds,
  options: SessionOptions | undefined,
): Promise<Record<string, Tensor>> {
  const derived = differentiate(types.model, { of, wrt, types, weights: 'inputs' });
  const session = await Session.open(withOutputs(derived.model, [...new Set(derived.gradients.values())]), options);
  try {
    const weightFeeds = Array.from(derived.weights, ([name, input]) => [input, weights.get(name)!] as const);
    const results = await session.run({ ...feeds, ...Object.fromEntries(weightFeeds) });
    return Object.fromEntries(Array.from(derived.gradients, ([input, gradient]) => [input, results[gradient]!]));
  } finally {
    await session.dispose();
  }
}

async function slope(
  difference: (up: Feeds, down: Feeds) => Promise<number>,
  feeds: Feeds,
  input: string,
  place: number,
  step: number,
): Promise<number> {
  const central = async (size: number) => {
    const up = moved(feeds[input]!, place, size);
    const down = moved(feeds[input]!, place, -size);
    return (
      (await difference({ ...feeds, [input]: up }, { ...feeds, [input]: down })) /
      (toNumbers(up)[place]! - toNumbers(down)[place]!)
    );
  };
  return (4 * (await central(step / 2)) - (await central(step))) / 3;
}

function moved(value: Tensor, place: number, by: number): Tensor {
  const numbers = toNumbers(value);
  numbers[place]! += by;
  return numericTensor(value.type as 'float32', value.dims, numbers);
}

/**
 * Weights of both signs, the same for the same output; 0 for elements at the ends of the range of floats, which masks
 * make.
 */
function weightsLike(value: Tensor, k: number): Tensor {
  const numbers = toNumbers(value).map((item, i) => (isOrdinary(item) ? Math.cos(1 + i * 1.7 + k * 0.9) + 0.3 : 0));
  return numericTensor(value.type as 'float32', value.dims, numbers);
}

function isOrdinary(value: number): boolean {
  return Math.abs(value) < 1e30;
}

/** Element by element first: what does not move cancels exactly, however large. What is not defined is left out. */
function weightedDifference(a: Tensor, b: Tensor, weights: Tensor): number {
  const [high, low, factors] = [toNumbers(a), toNumbers(b), toNumbers(weights)];
  return factors.reduce(
    (sum, factor, i) => (isOrdinary(high[i]!) && isOrdinary(low[i]!) ? sum + factor * (high[i]! - low[i]!) : sum),
    0,
  );
}

/** An infinite element, as masks have, cannot be moved. */
function finitePlaces(value: Tensor): number[] {
  return toNumbers(value).flatMap((item, place) => (Number.isFinite(item) ? [place] : []));
}

function spread(places: readonly number[], most: number): number[] {
  const taken = Math.min(places.length, most);
  return Array.from({ length: taken }, (_, i) => places[Math.floor((i * places.length) / taken)]!);
}

function compare(input: string, places: number[], derived: number[], measured: number[]): GradientComparison {
  const norm = (values: readonly number[]) => Math.hypot(...values);
  const least = 0.01 * Math.sqrt(measured.length);
  const difference = norm(derived.map((value, i) => value - measured[i]!));
  const error = measured.length === 0 ? 0 : difference / Math.max(norm(measured), least);
  return { input, places, derived, measured, error };
}
