import { intOf, stringOf } from '../../graph/attribute';
import { scalar } from '../../graph/tensor';
import { isScannable, scannedRecurrence } from '../../rewrite/scanned-recurrence';
import type { GradientRule, RuleContext } from '../rule';
import { Tape, type Variable } from '../tape';

type Activation = (value: Variable) => Variable;

/** Values of one direction on its tape. */
interface Direction {
  readonly tape: Tape;
  /** Input to the gates without the recurrent part, one a step in the order of this direction: [batch, gates x size]. */
  readonly steps: readonly Variable[];
  readonly recurrent: Variable;
  readonly recurrentBias: Variable;
  readonly peepholes: Variable | undefined;
  readonly activations: readonly Activation[];
  readonly c: RuleContext;
}

/** The state after a step: what is put out, and what else is kept. */
interface State {
  readonly hidden: Variable;
  readonly cell?: Variable;
}

interface Kind {
  readonly gates: number;
  readonly activations: readonly string[];
  /** Whether the recurrent bias is added with that of the input. */
  readonly joinBiases: boolean;
  step(direction: Direction, input: Variable, state: State): State;
}

const lstm: Kind = {
  gates: 4,
  activations: ['Sigmoid', 'Tanh', 'Tanh'],
  joinBiases: true,
  step({ tape, recurrent, peepholes, activations, c }, input, { hidden, cell }) {
    const [gate, candidate, squash] = activations as [Activation, Activation, Activation];
    const [i, o, f, n] = tape.split(tape.add(input, tape.mulTransposed(hidden, recurrent)), 1, 4) as [
      Variable,
      Variable,
      Variable,
      Variable,
    ];
    const [pi, po, pf] = peepholes ? tape.split(peepholes, 0, 3) : [];
    const peep = (value: Variable, weight: Variable | undefined, at: Variable) =>
      weight ? tape.add(value, tape.mulRow(at, weight)) : value;
    const opened = gate(peep(i, pi, cell!));
    const forget = intOf(c.node, 'input_forget', 0) ? tape.oneMinus(opened) : gate(peep(f, pf, cell!));
    const next = tape.add(tape.mul(forget, cell!), tape.mul(opened, candidate(n)));
    return { hidden: tape.mul(gate(peep(o, po, next)), squash(next)), cell: next };
  },
};

const gru: Kind = {
  gates: 3,
  activations: ['Sigmoid', 'Tanh'],
  joinBiases: false,
  step({ tape, recurrent, recurrentBias, activations, c }, input, { hidden }) {
    const [gate, candidate] = activations as [Activation, Activation];
    const [xz, xr, xn] = tape.split(input, 1, 3) as [Variable, Variable, Variable];
    const [rz, rr, rn] = tape.split(recurrent, 0, 3) as [Variable, Variable, Variable];
    const [bz, br, bn] = tape.split(recurrentBias, 0, 3) as [Variable, Variable, Variable];
    const from = (state: Variable, weights: Variable, bias: Variable) =>
      tape.addRow(tape.mulTransposed(state, weights), bias);
    const update = gate(tape.add(xz, from(hidden, rz, bz)));
    const reset = gate(tape.add(xr, from(hidden, rr, br)));
    const proposed = intOf(c.node, 'linear_before_reset', 0)
      ? tape.mul(reset, from(hidden, rn, bn))
      : from(tape.mul(reset, hidden), rn, bn);
    const next = candidate(tape.add(xn, proposed));
    return { hidden: tape.add(tape.mul(tape.oneMinus(update), next), tape.mul(update, hidden)) };
  },
};

const rnn: Kind = {
  gates: 1,
  activations: ['Tanh'],
  joinBiases: true,
  step({ tape, recurrent, activations }, input, { hidden }) {
    return { hidden: activations[0]!(tape.add(input, tape.mulTransposed(hidden, recurrent))) };
  },
};

/**
 * A recurrent layer, written out step by step: X [time, batch, size], W and R [directions, gates x hidden, ...],
 * B [directions, 2 x gates x hidden], lengths, initial states and peepholes.
 */
function recurrentRule(kind: Kind): GradientRule {
  return (c) => {
    if (intOf(c.node, 'layout', 0) !== 0) throw c.refuse('its batch comes first');
    if (c.node.attributes['clip']) throw c.refuse('it clips the input of its activations');
    const directions = c.dims(c.input(1))[0] as number;
    const results = Array.from({ length: directions }, (_, index) =>
      c.may('scanned-recurrence') && isScannable(c)
        ? scannedRecurrence(c, index)
        : differentiateDirection(c, kind, index, directions),
    );
    const { emit } = c;
    return c.node.inputs.map((_, input) => {
      if (!c.wants(input)) return undefined;
      const parts = results.map((result) => result(input));
      if (input === 0) return parts.length === 1 ? parts[0]! : emit.op('Sum', parts);
      const stacked = parts.map((part) => emit.unsqueeze(part, [0]));
      return stacked.length === 1 ? stacked[0]! : emit.op('Concat', stacked, { axis: 0 });
    });
  };
}

/** Returns the gradient of each input, of one direction: without the axis of directions. */
function differentiateDirection(
  c: RuleContext,
  kind: Kind,
  index: number,
  directions: number,
): (input: number) => string {
  const { emit } = c;
  const [x, r, b, lengths] = [c.input(0), c.input(2), c.input(3), c.input(4)];
  const [time, , size] = c.dims(x);
  if (typeof time !== 'number' || typeof size !== 'number') throw c.refuse('its number of steps depends on the batch');
  const hidden = c.staticDims(r)[2]!;
  const width = kind.gates * hidden;
  const reversed = stringOf(c.node, 'direction', 'forward') === 'reverse' || index === 1;
  const own = (input: number) => emit.op('Gather', [c.input(input), place(c, index)], { axis: 0 });
  /** Time turned round, each sequence within its own length. */
  const turned = (value: string) =>
    !reversed
      ? value
      : lengths === ''
        ? emit.op('Slice', [value, emit.ints([-1]), emit.ints([-(2 ** 62)]), emit.ints([0]), emit.ints([-1])])
        : emit.op('ReverseSequence', [value, longs(c, lengths)], { time_axis: 0, batch_axis: 1 });

  const tape = new Tape(emit, x);
  const weights = own(1);
  const sequence = turned(x);
  const zeroBias = () => emit.filled(emit.ints([width]), 0, x);
  const [inputBias, recurrentBias] = (
    b === '' ? [zeroBias(), zeroBias()] : emit.ops('Split', [own(3)], 2, { axis: 0, num_outputs: 2 })
  ).map((name) => tape.leaf(name)) as [Variable, Variable];
  const product = emit.op('MatMul', [sequence, emit.transpose(weights, [1, 0])]);
  const biased = emit.add(product, kind.joinBiases ? emit.add(inputBias.name, recurrentBias.name) : inputBias.name);
  const steps = alongTime(c, biased, time).map((name) => tape.leaf(name));
  const peepholes = c.input(7) === '' ? undefined : tape.leaf(own(7));
  const direction: Direction = {
    tape,
    steps,
    recurrent: tape.leaf(own(2)),
    recurrentBias,
    peepholes,
    activations: activationsOf(c, kind, index, directions, tape),
    c,
  };
  const start = (input: number) =>
    tape.leaf(
      c.input(input) === ''
        ? emit.filled(emit.op('Concat', [emit.size(x, 1), emit.ints([hidden])], { axis: 0 }), 0, x)
        : own(input),
    );
  const initial: State = { hidden: start(5), ...(kind === lstm && { cell: start(6) }) };

  const toOutput =
    c.gradientOf(0) === undefined ? undefined : alongTime(c, turned(ofDirection(c, c.gradientOf(0)!, index, 1)), time);
  let state = initial;
  steps.forEach((step, t) => {
    const next = kind.step(direction, step, state);
    const running = lengths === '' ? undefined : stillRunning(c, lengths, t);
    const kept = (after: Variable, before: Variable) =>
      running === undefined ? after : tape.where(running, after, before);
    state = {
      hidden: kept(next.hidden, state.hidden),
      ...(next.cell && { cell: kept(next.cell, state.cell!) }),
    };
    if (toOutput) {
      // What is put out after the end of a sequence is 0.
      const gradient = running === undefined ? toOutput[t]! : emit.where(running, toOutput[t]!, x);
      tape.contribute(next.hidden, gradient);
    }
  });
  const last = (output: number, variable: Variable | undefined) => {
    const gradient = c.gradientOf(output);
    if (gradient !== undefined && variable) tape.contribute(variable, ofDirection(c, gradient, index, 0));
  };
  last(1, state.hidden);
  last(2, state.cell);
  tape.backward();

  const zero = (variable: Variable) => tape.gradient(variable) ?? tape.zero(variable.name);
  const toSteps = emit.op(
    'Concat',
    steps.map((step) => emit.unsqueeze(zero(step), [0])),
    { axis: 0 },
  );
  const rows = (value: string, count: number) => emit.reshape(value, [-1, count]);
  const toInputBias = () => emit.sum(rows(toSteps, width), [0], false);
  const gradients: Readonly<Record<number, () => string>> = {
    0: () => turned(emit.op('MatMul', [toSteps, weights])),
    1: () => emit.op('Gemm', [rows(toSteps, width), rows(sequence, size)], { transA: 1 }),
    2: () => zero(direction.recurrent),
    3: () => emit.op('Concat', [toInputBias(), kind.joinBiases ? toInputBias() : zero(recurrentBias)], { axis: 0 }),
    5: () => zero(initial.hidden),
    6: () => zero(initial.cell!),
    7: () => zero(peepholes!),
  };
  return (input) => {
    const gradient = gradients[input];
    if (!gradient) throw c.refuse(`input ${input} of it has no gradient`);
    return gradient();
  };
}

/** An index, as a scalar. */
function place(c: RuleContext, index: number): string {
  return c.emit.constant(scalar(index, 'int64'));
}

function longs(c: RuleContext, lengths: string): string {
  return c.elementType(lengths) === 'int64' ? lengths : c.emit.cast(lengths, 'int64');
}

/** Each step of [time, batch, n], as [batch, n]. */
function alongTime(c: RuleContext, value: string, time: number): string[] {
  if (time === 1) return [c.emit.squeeze(value, [0])];
  const parts = c.emit.ops('Split', [value], time, { axis: 0, num_outputs: time });
  return parts.map((part) => c.emit.squeeze(part, [0]));
}

function ofDirection(c: RuleContext, value: string, index: number, axis: number): string {
  return c.emit.op('Gather', [value, place(c, index)], { axis });
}

/** [batch, 1]: true for the sequences that step t is part of. */
function stillRunning(c: RuleContext, lengths: string, t: number): string {
  const { emit } = c;
  return emit.unsqueeze(emit.op('Less', [place(c, t), longs(c, lengths)]), [1]);
}

function activationsOf(c: RuleContext, kind: Kind, index: number, directions: number, tape: Tape) {
  const given = c.node.attributes['activations'];
  const names =
    given?.type === 'strings' ? given.value : Array.from({ length: directions }, () => kind.activations).flat();
  if (c.node.attributes['activation_alpha'] || c.node.attributes['activation_beta']) {
    throw c.refuse('its activations have parameters');
  }
  const count = kind.activations.length;
  return names.slice(index * count, (index + 1) * count).map((name) => activation(c, name, tape));
}

/** Activations by name, at the parameters that they have where nothing is said. */
function activation(c: RuleContext, name: string, tape: Tape): Activation {
  const { emit } = c;
  const number = (value: number) => emit.number(value, c.input(0));
  const slopes: Readonly<Record<string, (x: string, y: string) => string>> = {
    sigmoid: (_x, y) => emit.mul(y, emit.sub(number(1), y)),
    tanh: (_x, y) => emit.sub(number(1), emit.mul(y, y)),
    relu: (_x, y) => emit.op('Sign', [y]),
    softplus: (x) => emit.op('Sigmoid', [x]),
  };
  const key = name.toLowerCase();
  const slope = slopes[key];
  if (!slope) throw c.refuse(`its activation is ${name}`);
  const op = { sigmoid: 'Sigmoid', tanh: 'Tanh', relu: 'Relu', softplus: 'Softplus' }[key]!;
  return (value) => tape.map(value, (x) => emit.op(op, [x]), slope);
}

export const recurrentRules: Readonly<Record<string, GradientRule>> = {
  LSTM: recurrentRule(lstm),
  GRU: recurrentRule(gru),
  RNN: recurrentRule(rnn),
};
