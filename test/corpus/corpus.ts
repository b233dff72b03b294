import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

import { isRampartError, messageOf, Rng } from '@rampart/core';
import {
  compareGradients,
  gradientSupport,
  type Model,
  type Node,
  numericTensor,
  probe,
  readModelFile,
  readTensorFile,
  Session,
  type Tensor,
  toNumbers,
  usedBy,
  type ValueTypes,
} from '@rampart/onnx';

/** What became of one case of the corpus. */
export interface CaseResult {
  readonly name: string;
  /** `left out` is what the check does not apply to: nothing to differentiate, or ONNX Runtime does not run it. */
  readonly status: 'passed' | 'failed' | 'left out';
  readonly reason: string;
}

/** Errors in norm that float32 and its kernels allow for. */
const TOLERANCE = 5e-3;

/** Inputs that are settings rather than data: their effect goes in steps, or is not defined by a derivative. */
const SETTINGS: Readonly<Record<string, readonly number[]>> = {
  Resize: [1, 2, 3],
  Upsample: [1],
  Dropout: [1],
  Range: [0, 1, 2],
  OneHot: [2],
  ConstantOfShape: [0],
  NonMaxSuppression: [3, 4],
  QuantizeLinear: [1],
  RotaryEmbedding: [1, 2],
};

/** The folders, below the one given, that hold a model and data for it. */
export function casesIn(folder: string): string[] {
  const found: string[] = [];
  const visit = (path: string) => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (!entry.isDirectory()) continue;
      const inner = join(path, entry.name);
      if (existsSync(join(inner, 'model.onnx'))) found.push(inner);
      else visit(inner);
    }
  };
  visit(folder);
  return found.sort();
}

/** Checks that a case's model, differentiated, runs in ONNX Runtime and agrees with finite differences. */
export async function checkCase(folder: string, path: string): Promise<CaseResult> {
  const name = relative(folder, path);
  const leftOut = (reason: string): CaseResult => ({ name, status: 'left out', reason });
  let model: Model;
  let feeds: Record<string, Tensor>;
  try {
    model = readModelFile(join(path, 'model.onnx'));
    feeds = readFeeds(model, join(path, 'test_data_set_0'));
  } catch (error) {
    return leftOut(`not read: ${reasonOf(error)}`);
  }
  const refusal = await refusedAsItIs(model, feeds);
  if (refusal) return leftOut(refusal);
  let types: ValueTypes;
  try {
    types = await probe(model, { feeds });
  } catch (error) {
    const missing = model.graph.nodes.find(({ op, domain }) => gradientSupport(op, domain) === 'missing');
    if (missing) return leftOut(`no gradient here: ${missing.op}`);
    return { name, status: 'failed', reason: `not probed: ${messageOf(error)}` };
  }
  const changed = await differenceOfForms(model, types, feeds);
  if (changed) return { name, status: 'failed', reason: changed };
  const question = isRandom(model) ? 'it is random' : whatToDifferentiate(types);
  if (typeof question === 'string') return leftOut(question);
  try {
    const error = await smallestError(types, feeds, question, name);
    if (error === 0) return { name, status: 'passed', reason: '' };
    return {
      name,
      status: 'failed',
      reason: `the gradient differs from finite differences by ${error.toPrecision(3)}`,
    };
  } catch (error) {
    const message = messageOf(error);
    // Settings that come as inputs, where the rule needs to know them beforehand.
    if (/computed from the data/.test(message) && Object.keys(feeds).some((input) => !question.wrt.includes(input))) {
      return checkWithSettings(name, model, feeds, question);
    }
    const op = /^(\w+) .* has no gradient here/.exec(message)?.[1];
    return op ? leftOut(`no gradient here: ${op}`) : { name, status: 'failed', reason: message };
  }
}

/** The case again, with the inputs that are not differentiated as constants of the model. */
async function checkWithSettings(
  name: string,
  model: Model,
  feeds: Record<string, Tensor>,
  question: Question,
): Promise<CaseResult> {
  const settings = Object.entries(feeds).filter(([input]) => !question.wrt.includes(input));
  const initializers = new Map([...model.graph.initializers, ...settings]);
  const inputs = model.graph.inputs.filter(({ name: input }) => question.wrt.includes(input));
  const fixed = { ...model, graph: { ...model.graph, inputs, initializers } };
  const rest = Object.fromEntries(Object.entries(feeds).filter(([input]) => question.wrt.includes(input)));
  try {
    const types = await probe(fixed, { feeds: rest });
    const error = await smallestError(types, rest, question, name);
    if (error === 0) return { name, status: 'passed', reason: '' };
    return {
      name,
      status: 'failed',
      reason: `the gradient differs from finite differences by ${error.toPrecision(3)}`,
    };
  } catch (error) {
    return { name, status: 'failed', reason: messageOf(error) };
  }
}

function readFeeds(model: Model, folder: string): Record<string, Tensor> {
  const inputs = model.graph.inputs.filter(({ name }) => !model.graph.initializers.has(name));
  return Object.fromEntries(
    inputs.map(({ name, type }, i) => {
      if (type === 'other') throw new Error(`input "${name}" is no tensor`);
      return [name, readTensorFile(readFileSync(join(folder, `input_${i}.pb`)))];
    }),
  );
}

async function refusedAsItIs(model: Model, feeds: Record<string, Tensor>): Promise<string | undefined> {
  try {
    const session = await Session.open(model);
    try {
      await session.run(feeds);
    } finally {
      await session.dispose();
    }
    return undefined;
  } catch (error) {
    const message = messageOf(error);
    const short = /is not a registered function|NOT_IMPLEMENTED|Could not find an implementation/.test(message)
      ? 'it has no such operator'
      : message.slice(0, 160);
    return `ONNX Runtime does not run it: ${short}`;
  }
}

/** Whether the model computes in its one form what it computes as it is. */
async function differenceOfForms(model: Model, types: ValueTypes, feeds: Record<string, Tensor>) {
  const run = async (form: Model) => {
    const session = await Session.open(form);
    try {
      return await session.run(feeds);
    } finally {
      await session.dispose();
    }
  };
  try {
    const [before, after] = [await run(model), await run(types.model)];
    for (const [name, value] of Object.entries(before)) {
      if (value.type !== 'float32' && value.type !== 'float64') continue;
      const other = after[name]!.data as Float32Array;
      const far = (value.data as Float32Array).findIndex(
        (item, i) => Math.abs(item - other[i]!) > 1e-4 * (1 + Math.abs(item)),
      );
      if (far >= 0 && !isRandom(model)) return `normalised, it computes another "${name}"`;
    }
  } catch (error) {
    return `normalised, it does not run: ${messageOf(error)}`;
  }
  return undefined;
}

function isRandom(model: Model): boolean {
  return model.graph.nodes.some(
    ({ op, inputs }) => /^Random|Bernoulli|Multinomial/.test(op) || (op === 'Dropout' && inputs.length === 3),
  );
}

interface Question {
  readonly of: readonly string[];
  readonly wrt: readonly string[];
}

/** Smoothly dependent outputs and the inputs that they depend on; or why there are none. */
function whatToDifferentiate({ model, values }: ValueTypes): Question | string {
  const isFloat = (name: string) => /^(float32|float64|float16)$/.test(values.get(name)?.type ?? '');
  const { graph } = model;
  const wrt = graph.inputs.map(({ name }) => name).filter((name) => isFloat(name) && !isSetting(graph.nodes, name));
  if (wrt.length === 0) return 'it has no floating-point input';
  const active = new Set(wrt);
  const missing = new Set<string>();
  const steps = new Set<string>();
  for (const node of graph.nodes) {
    if (![...usedBy(node)].some((name) => active.has(name))) continue;
    const support = gradientSupport(node.op, node.domain);
    const label = node.domain ? `${node.domain}.${node.op}` : node.op;
    if (support === 'zero') steps.add(label);
    if (support === 'zero') continue;
    const reached = node.outputs.filter(isFloat);
    if (support === 'missing' && reached.length > 0) missing.add(label);
    for (const output of reached) active.add(output);
  }
  if (missing.size > 0) return `no gradient here: ${[...missing].sort().join(', ')}`;
  const of = graph.outputs.map(({ name }) => name).filter((name) => active.has(name) && isFloat(name));
  if (of.length > 0) return { of, wrt };
  return steps.size > 0 ? `changes in steps only: ${[...steps].sort().join(', ')}` : 'it has no floating-point output';
}

function isSetting(nodes: readonly Node[], name: string): boolean {
  return nodes.some(({ op, inputs }) => inputs.some((input, i) => input === name && SETTINGS[op]?.includes(i)));
}

/** The error at the inputs given, 0 where it is within bounds; or near them, as many cases lie exactly where the slope changes. */
async function smallestError(types: ValueTypes, feeds: Record<string, Tensor>, question: Question, name: string) {
  let best = Infinity;
  // Half precision leaves differences of a thousandth nothing but noise.
  const half = Object.values(feeds).some(({ type }) => type === 'float16');
  const [tolerance, steps] = half ? [0.2, [0.25, 0.1, 0.05]] : [TOLERANCE, [0.01, 0.002, 0.05, 0.2]];
  const rng = Rng.root(1).split(name);
  for (const spread of [0, 0.05, 0.2]) {
    for (const step of steps) {
      const moved = spread === 0 ? feeds : jitter(feeds, question.wrt, spread, rng);
      const comparisons = await compareGradients(types.model, moved, { ...question, types, step, elements: 12 });
      best = Math.min(best, Math.max(...comparisons.map(({ error }) => (Number.isNaN(error) ? Infinity : error))));
      if (best <= tolerance) return 0;
    }
  }
  return best;
}

function jitter(feeds: Record<string, Tensor>, wrt: readonly string[], spread: number, rng: Rng) {
  // Positive numbers alone in the end, for functions that begin at 0.
  const positive = spread > 0.1;
  const start = (item: number) => (!Number.isFinite(item) ? 0.5 : positive ? Math.abs(item) : item);
  return Object.fromEntries(
    Object.entries(feeds).map(([name, value]) => {
      if (!wrt.includes(name)) return [name, value];
      const values = toNumbers(value).map(
        (item) => start(item) + spread * (positive ? rng.uniform() : rng.uniform() - 0.5),
      );
      return [name, numericTensor(value.type as 'float32', value.dims, values)];
    }),
  );
}

function reasonOf(error: unknown): string {
  const message = messageOf(error);
  if (!isRampartError(error)) return message;
  return /element type is ([A-Z0-9]+)/.exec(message)?.[0] ?? message.slice(0, 120);
}

/** The line for the whole corpus, and the cases that did not pass, by reason. */
export function summarise(results: readonly CaseResult[]): string {
  const count = (status: CaseResult['status']) => results.filter((result) => result.status === status).length;
  const lines: string[] = [];
  for (const status of ['left out', 'failed'] as const) {
    const byReason = new Map<string, CaseResult[]>();
    for (const result of results) {
      if (result.status === status) byReason.set(result.reason, [...(byReason.get(result.reason) ?? []), result]);
    }
    for (const [reason, cases] of [...byReason].sort(([, a], [, b]) => b.length - a.length)) {
      lines.push(`${status}: ${reason} (${cases.length}): ${cases.map(({ name }) => name).join(', ')}`);
    }
  }
  const applicable = count('passed') + count('failed');
  lines.push(
    `${count('passed')} of ${applicable} differentiable cases pass; ${count('left out')} of ${results.length} are left out.`,
  );
  return lines.join('\n');
}
