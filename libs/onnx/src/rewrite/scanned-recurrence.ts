import { intOf, stringOf } from '../graph/attribute';
import { scalar } from '../graph/tensor';
import type { RuleContext } from '../gradient/rule';

/** Whether a recurrent layer is as frameworks export it: all sequences of one length, no peepholes, usual activations. */
export function isScannable(c: RuleContext): boolean {
  const { node } = c;
  return (
    c.input(4) === '' &&
    c.input(7) === '' &&
    intOf(node, 'layout', 0) === 0 &&
    intOf(node, 'input_forget', 0) === 0 &&
    (node.op !== 'GRU' || intOf(node, 'linear_before_reset', 0) === 1) &&
    !['clip', 'activations', 'activation_alpha', 'activation_beta'].some((name) => node.attributes[name])
  );
}

/**
 * The gradient of one direction of a recurrent layer. What the layer puts out are its hidden states, so the gates of all
 * steps are made at once, in large products of matrices, and so are their slopes; what must go step by step, the cells
 * forward and the gradient back, is a handful of operators in a Scan. Written out step by step the same takes twice as
 * long, and some thousand operators, which ONNX Runtime takes seconds to open.
 * @returns the gradient of each input, without the axis of directions
 */
export function scannedRecurrence(c: RuleContext, index: number): (input: number) => string {
  const { emit } = c;
  const layer = new Layer(c, index);
  const { toGates, toRecurrent, states } = LAYERS[c.node.op as keyof typeof LAYERS](layer);
  const rows = (value: string, width: number) => emit.reshape(value, [-1, width]);
  const { width, hidden, size } = layer;
  const ofWeights = (gradient: string, values: string, columns: number) =>
    emit.op('Gemm', [rows(gradient, width), rows(values, columns)], { transA: 1 });
  const ofBias = (gradient: string) => emit.sum(rows(gradient, width), [0], false);
  const gradients: Readonly<Record<number, () => string>> = {
    0: () => emit.op('MatMul', [toGates, layer.own(1)]),
    1: () => ofWeights(toGates, layer.x, size),
    2: () => ofWeights(toRecurrent, layer.before, hidden),
    3: () => emit.op('Concat', [ofBias(toGates), ofBias(toRecurrent)], { axis: 0 }),
    5: () => states[0]!,
    6: () => states[1]!,
  };
  return (input) => {
    const gradient = gradients[input];
    if (!gradient) throw c.refuse(`input ${input} of it has no gradient`);
    return gradient();
  };
}

/** What goes back through the gates of all steps: [time, batch, gates x hidden]. */
interface Gradients {
  /** To what the input gives them. */
  readonly toGates: string;
  /** To what the state before gives them. */
  readonly toRecurrent: string;
  /** To the initial states: [batch, hidden]. */
  readonly states: readonly string[];
}

/** One direction of a layer: X [time, batch, size], W and R [gates x hidden, ...], B [2 x gates x hidden]. */
class Layer {
  readonly x: string;
  readonly size: number;
  readonly hidden: number;
  /** gates x hidden */
  readonly width: number;
  readonly recurrent: string;
  /** The hidden states, and those before each step: [time, batch, hidden]. */
  readonly states: string;
  readonly before: string;
  /** Whether it goes from the last element to the first. */
  readonly back: boolean;

  constructor(
    readonly c: RuleContext,
    private readonly index: number,
  ) {
    const { emit, node } = c;
    this.x = c.input(0);
    [, this.width, this.hidden] = c.staticDims(c.input(2)) as [number, number, number];
    [, , this.size] = c.staticDims(c.input(1)) as [number, number, number];
    this.back = stringOf(node, 'direction', 'forward') === 'reverse' || index === 1;
    this.recurrent = this.own(2);
    this.states = this.ofDirection(c.output(0), 1);
    const initial = emit.unsqueeze(this.initial(5), [0]);
    const part = (from: number, to: number) =>
      emit.op('Slice', [this.states, emit.ints([from]), emit.ints([to]), emit.ints([0])]);
    const shifted = this.back ? [part(1, 2 ** 62), initial] : [initial, part(0, -1)];
    this.before = emit.op('Concat', shifted, { axis: 0 });
  }

  /** What an input has for this direction. */
  own(input: number): string {
    return this.ofDirection(this.c.input(input), 0);
  }

  /** An initial state: [batch, hidden]. */
  initial(input: number): string {
    return this.c.input(input) === '' ? this.zeros() : this.own(input);
  }

  /** The gradient of the last state that an output holds: [batch, hidden]. */
  toLast(output: number): string {
    const gradient = this.c.gradientOf(output);
    return gradient === undefined ? this.zeros() : this.ofDirection(gradient, 0);
  }

  /** The gradient of each step's output, where there is one. */
  toSteps(): string[] {
    const gradient = this.c.gradientOf(0);
    return gradient === undefined ? [] : [this.ofDirection(gradient, 1)];
  }

  /** What the input and the state before each step give the gates: [time, batch, gates x hidden]. */
  gates(): { readonly fromInput: string; readonly fromState: string } {
    const { emit } = this.c;
    const product = (value: string, weights: string) => emit.op('MatMul', [value, emit.transpose(weights, [1, 0])]);
    const [input, state] = [product(this.x, this.own(1)), product(this.before, this.recurrent)];
    if (this.c.input(3) === '') return { fromInput: input, fromState: state };
    const [inputBias, stateBias] = emit.ops('Split', [this.own(3)], 2, { axis: 0, num_outputs: 2 });
    return { fromInput: emit.add(input, inputBias!), fromState: emit.add(state, stateBias!) };
  }

  split(value: string, sizes: readonly number[]): string[] {
    const { emit } = this.c;
    const lengths = emit.ints(sizes.map((size) => size * this.hidden));
    return emit.ops('Split', [value, lengths], sizes.length, { axis: 2 });
  }

  private zeros(): string {
    const { emit } = this.c;
    return emit.filled(emit.op('Concat', [emit.size(this.x, 1), emit.ints([this.hidden])], { axis: 0 }), 0, this.x);
  }

  private ofDirection(value: string, axis: number): string {
    const { emit } = this.c;
    return emit.op('Gather', [value, emit.constant(scalar(this.index, 'int64'))], { axis });
  }
}

/** y (1 - y), the slope of a sigmoid. */
const sigmoidSlope = ({ c: { emit }, x }: Layer, y: string) => emit.mul(y, emit.sub(emit.number(1, x), y));

/** 1 - y y, that of a hyperbolic tangent. */
const tanhSlope = ({ c: { emit }, x }: Layer, y: string) => emit.sub(emit.number(1, x), emit.mul(y, y));

/** c' = f c + i n, h' = o tanh(c'); gates in the order i, o, f, n. */
function lstm(layer: Layer): Gradients {
  const { c, x, back, recurrent } = layer;
  const { emit } = c;
  const join = (values: readonly string[]) => emit.op('Concat', values, { axis: 2 });
  const { fromInput, fromState } = layer.gates();
  const [opened, proposed] = layer.split(emit.add(fromInput, fromState), [3, 1]) as [string, string];
  const gates = emit.op('Sigmoid', [opened]);
  const [i, o, f] = layer.split(gates, [1, 1, 1]) as [string, string, string];
  const n = emit.op('Tanh', [proposed]);

  const added = emit.mul(i, n);
  const cells = emit.scan(
    { states: [layer.initial(6)], inputs: [f, added], back, like: x },
    (body, [cell], [forget, gain]) => {
      const next = body.node('Add', [body.node('Mul', [forget!, cell!]), gain!]);
      return { states: [next], outputs: [cell!] };
    },
  );
  const before = cells.outputs[0]!;
  const after = emit.add(emit.mul(f, before), added);
  const squashed = emit.op('Tanh', [after]);
  const slopes = join([
    emit.mul(join([n, squashed, before]), sigmoidSlope(layer, gates)),
    emit.mul(i, tanhSlope(layer, n)),
  ]);
  const toCell = emit.mul(o, tanhSlope(layer, squashed));

  const { states, outputs } = emit.scan(
    {
      states: [layer.toLast(1), layer.toLast(2)],
      inputs: [slopes, toCell, f, ...layer.toSteps()],
      back: !back,
      like: x,
    },
    (body, [later, laterCell], [slope, across, forget, given]) => {
      const state = given === undefined ? later! : body.node('Add', [later!, given]);
      const cell = body.node('Add', [body.node('Mul', [state, across!]), laterCell!]);
      const each = body.node('Concat', [cell, state, cell, cell], { axis: 1 });
      const gate = body.node('Mul', [each, slope!]);
      return {
        states: [body.node('MatMul', [gate, recurrent]), body.node('Mul', [cell, forget!])],
        outputs: [gate],
      };
    },
  );
  return { toGates: outputs[0]!, toRecurrent: outputs[0]!, states };
}

/** h' = (1 - z) n + z h with n = tanh(x_n + r h_n); gates in the order z, r, n. */
function gru(layer: Layer): Gradients {
  const { c, x, back, recurrent, before } = layer;
  const { emit } = c;
  const join = (values: readonly string[]) => emit.op('Concat', values, { axis: 2 });
  const { fromInput, fromState } = layer.gates();
  const [inputGates, inputProposed] = layer.split(fromInput, [2, 1]) as [string, string];
  const [stateGates, stateProposed] = layer.split(fromState, [2, 1]) as [string, string];
  const gates = emit.op('Sigmoid', [emit.add(inputGates, stateGates)]);
  const [z, r] = layer.split(gates, [1, 1]) as [string, string];
  const n = emit.op('Tanh', [emit.add(inputProposed, emit.mul(r, stateProposed))]);
  const toProposed = emit.mul(emit.sub(emit.number(1, x), z), tanhSlope(layer, n));
  const toOpened = emit.mul(
    join([emit.sub(before, n), emit.mul(toProposed, stateProposed)]),
    sigmoidSlope(layer, gates),
  );

  const { states, outputs } = emit.scan(
    {
      states: [layer.toLast(1)],
      inputs: [join([toOpened, emit.mul(toProposed, r)]), z, ...layer.toSteps()],
      back: !back,
      like: x,
    },
    (body, [later], [slope, kept, given]) => {
      const state = given === undefined ? later! : body.node('Add', [later!, given]);
      const gate = body.node('Mul', [body.node('Concat', [state, state, state], { axis: 1 }), slope!]);
      const through = body.node('MatMul', [gate, recurrent]);
      return { states: [body.node('Add', [body.node('Mul', [state, kept!]), through])], outputs: [gate, state] };
    },
  );
  const [toRecurrent, toStates] = outputs as [string, string];
  const toGates = emit.mul(join([toStates, toStates, toStates]), join([toOpened, toProposed]));
  return { toGates, toRecurrent, states };
}

/** h' = tanh(x + h). */
function rnn(layer: Layer): Gradients {
  const { c, x, back, recurrent } = layer;
  const { states, outputs } = c.emit.scan(
    {
      states: [layer.toLast(1)],
      inputs: [tanhSlope(layer, layer.states), ...layer.toSteps()],
      back: !back,
      like: x,
    },
    (body, [later], [slope, given]) => {
      const gate = body.node('Mul', [given === undefined ? later! : body.node('Add', [later!, given]), slope!]);
      return { states: [body.node('MatMul', [gate, recurrent])], outputs: [gate] };
    },
  );
  return { toGates: outputs[0]!, toRecurrent: outputs[0]!, states };
}

const LAYERS = { LSTM: lstm, GRU: gru, RNN: rnn };
