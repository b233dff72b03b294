import { pixelBox, type PixelBox, RampartError } from '@rampart/core';
import { type GraphBuilder, type Model, scalar, typeNumber, type ValueInfo } from '@rampart/onnx';

/** The whole numbers that a type holds, where float32 holds them all. */
const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65535],
  int16: [-32768, 32767],
};

/** Whether an input takes whole numbers. */
export function takesIntegers({ type }: Pick<ValueInfo, 'type'>): boolean {
  return /^u?int/.test(type);
}

/** The interval of pixels as whole numbers; undefined for an input of floating-point numbers. */
export function pixelRange(input: Pick<ValueInfo, 'type'>): PixelBox | undefined {
  if (!takesIntegers(input)) return undefined;
  return input.type === 'int8' ? pixelBox(-128, 127) : pixelBox(0, 255);
}

/**
 * Appends what makes a model's element type of float32 values: a cast, for whole numbers behind a rounding to the
 * nearest one that the type holds. So a model is asked about what it takes and nothing in between.
 * @throws RampartError `bad-model` where the type is no number
 */
export function asTaken(builder: GraphBuilder, value: string, input: ValueInfo): string {
  const { type } = input;
  if (type === 'float32') return value;
  if (type === 'other' || type === 'bool' || type === 'string') {
    throw new RampartError({
      code: 'bad-model',
      message: `Expected a model whose input "${input.name}" is of numbers. Received ${type === 'other' ? 'no tensor' : type}. Export the part that begins where its samples are numbers.`,
    });
  }
  const to = typeNumber(type);
  if (!takesIntegers(input)) return builder.node('Cast', [value], { to });
  const range = RANGES[type];
  // Wider by less than rounding takes back, as at a bound itself a Clip has no gradient.
  const bounds = range?.map((bound, end) => builder.constant(scalar(bound + (end - 0.5) * 0.98)));
  const kept = bounds ? builder.node('Clip', [value, ...bounds]) : value;
  return builder.node('Cast', [builder.node('Round', [kept])], { to });
}

/** What only moves values about or changes their type. */
const CARRIES = new Set('Cast Identity Reshape Flatten Squeeze Unsqueeze Transpose Slice Expand Tile'.split(' '));

/** Operators and the inputs of theirs that are places in a table. */
const PLACES: Readonly<Record<string, readonly number[]>> = {
  Gather: [1],
  GatherND: [1],
  GatherElements: [1],
  OneHot: [0],
};

/** What an input of whole numbers chooses. */
export interface Choice {
  /** The value that is chosen, by its name. */
  readonly value: string;
  /** How many there are to choose from; undefined where that is no constant. */
  readonly among: number | undefined;
}

/**
 * What an input of whole numbers chooses, as tokens choose rows of a table. Undefined where its numbers are amounts.
 */
export function chosenBy({ graph }: Model, input: string): Choice | undefined {
  const carried = new Set([input]);
  for (const node of graph.nodes) {
    if (node.domain !== '') continue;
    const places = PLACES[node.op];
    if (places?.some((place) => carried.has(node.inputs[place] ?? ''))) {
      const axis = node.attributes['axis'];
      const among = graph.initializers.get(node.inputs[0]!)?.dims[axis?.type === 'int' ? axis.value : 0];
      const value = node.outputs[0]!;
      const float = graph.nodes.find(({ op, inputs }) => op === 'DequantizeLinear' && inputs[0] === value);
      return { value: float?.outputs[0] ?? value, among: node.op === 'OneHot' ? undefined : among };
    }
    // A one-hot code by hand: equal to which of some constants.
    const among = node.op === 'Equal' && node.inputs.map((name) => graph.initializers.get(name)).find(Boolean);
    if (among && among.data.length > 1 && node.inputs.some((name) => carried.has(name))) {
      const float = graph.nodes.find(({ op, inputs }) => op === 'Cast' && inputs[0] === node.outputs[0]);
      return { value: (float ?? node).outputs[0]!, among: among.data.length };
    }
    if (CARRIES.has(node.op) && carried.has(node.inputs[0]!)) carried.add(node.outputs[0]!);
  }
  return undefined;
}

/** @returns what is said of an input that chooses from a table: a choice has no gradient */
export function noGradient({ name, type }: Pick<ValueInfo, 'name' | 'type'>, chosen: string): RampartError {
  return new RampartError({
    code: 'bad-model',
    message: `Input "${name}" takes places in a table (${type}), such as tokens, which have no gradient and cannot be changed a little. Attack what they choose: --attack-at "${chosen}", or a value behind it, as rampart inspect lists.`,
  });
}
