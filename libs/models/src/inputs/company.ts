import {
  accompaniedShape,
  type AccompaniedKind,
  type Companion,
  companionSize,
  featureCount,
  type PixelBox,
  RampartError,
  unknownName,
} from '@rampart/core';
import {
  type Dimension,
  type ElementType,
  GraphBuilder,
  int64Vector,
  type Model,
  scalar,
  typeNumber,
  type ValueInfo,
} from '@rampart/onnx';

/** A model that takes samples with what they bring along. */
export interface Accompanied {
  readonly model: Model;
  readonly input: ValueInfo;
  /** The value [batch, labels], bool: which labels of each sample hold; undefined where it has one class. */
  readonly holds: string | undefined;
}

/**
 * Puts in front of a model what takes samples apart: into the values that are attacked, what each of its other inputs is
 * fed, and the labels that hold.
 * @param input the one that is attacked, [batch, channels, height, width]
 * @param box the one that samples lie in, with all that they bring along
 * @throws RampartError `usage` where an input does not exist, `bad-data` where what samples bring along does not fit it
 */
export function withCompany(model: Model, input: ValueInfo, company: AccompaniedKind, box: PixelBox): Accompanied {
  const { graph } = model;
  const { shape, companions, labels } = company;
  const [batch] = input.dims!;
  const others = companions.map((companion) => {
    const other = graph.inputs.find(({ name }) => name === companion.name);
    if (other && other !== input) return { companion, other };
    throw unknownName(
      'input beside the one that is attacked',
      companion.name,
      graph.inputs.filter((one) => one !== input).map(({ name }) => name),
    );
  });
  const taken = [...graph.inputs.map(({ name }) => name), ...graph.nodes.flatMap(({ outputs }) => outputs)];
  const builder = new GraphBuilder({ ...graph, inputs: [], nodes: [] }, { reserved: taken });
  const whole = accompaniedShape(company);
  const dims = [batch, whole.channels, whole.height, whole.width];
  const sample = builder.input(builder.reserve('sample'), 'float32', dims);
  const sizes = [featureCount(shape), ...companions.map(companionSize), ...(labels.length > 0 ? [labels.length] : [])];
  const rows = builder.node('Flatten', [sample], { axis: 1 });
  const cut = builder.constant(int64Vector(sizes));
  const [own, ...rest] = builder.node('Split', [rows, cut], { axis: 1 }, { outputs: sizes.length });
  const axes = [shape.channels, shape.height, shape.width];
  builder.node('Reshape', [own!, builder.constant(int64Vector([0, ...axes]))], {}, { outputs: [input.name] });
  others.forEach(({ companion, other }, k) => feed(builder, rest[k]!, companion, other, { box, batch }));
  const middle = builder.constant(scalar((box.min + box.max) / 2));
  const holds = labels.length > 0 ? builder.node('Greater', [rest.at(-1)!, middle]) : undefined;
  const front = builder.build(graph.name);
  return {
    model: { ...model, graph: { ...front, nodes: [...front.nodes, ...graph.nodes] } },
    input: front.inputs[0]!,
    holds,
  };
}

/** Brings the values of a companion back to the model's units, and into the form of its input. */
function feed(
  builder: GraphBuilder,
  part: string,
  companion: Companion,
  { name, type, dims }: ValueInfo,
  { box, batch }: { readonly box: PixelBox; readonly batch: Dimension },
): void {
  const axes = dims && axesOf(companion, dims, batch);
  if (!axes || type === 'other' || type === 'string') throw unfit(companion, { name, type, dims });
  checkValues(companion, type);
  const scale = (companion.max - companion.min) / (box.max - box.min);
  let value = builder.node('Mul', [part, builder.constant(scalar(scale))]);
  value = builder.node('Add', [value, builder.constant(scalar(companion.min - box.min * scale))]);
  if (companion.whole) value = builder.node('Round', [value]);
  if (type !== 'float32') value = builder.node('Cast', [value], { to: typeNumber(type) });
  builder.node('Reshape', [value, builder.constant(int64Vector(axes))], {}, { outputs: [name] });
}

/** The shape of a companion's rows as its input takes them; undefined where they do not fit it. Axes of 1 may differ. */
function axesOf({ dims }: Companion, taken: readonly Dimension[], batch: Dimension): number[] | undefined {
  const [count, ...sizes] = taken;
  if (taken.length === 0 || (typeof count === 'number' && count !== batch)) return undefined;
  const present = dims.filter((size) => size !== 1);
  const open = sizes.length === dims.length ? dims : undefined;
  const found = sizes.map((size, axis) => (typeof size === 'number' ? size : open?.[axis]));
  if (found.some((size) => size === undefined)) return undefined;
  const axes = found as number[];
  return axes.filter((size) => size !== 1).join() === present.join() ? [-1, ...axes] : undefined;
}

/** The least and the greatest number that a type of whole numbers holds, of those that need a look. */
const LIMITS: Readonly<Partial<Record<ElementType, readonly [number, number]>>> = {
  bool: [0, 1],
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65_535],
  int16: [-32_768, 32_767],
  uint32: [0, 2 ** 32 - 1],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint64: [0, Infinity],
  int64: [-Infinity, Infinity],
};

function checkValues({ name, min, max, whole }: Companion, type: ElementType): void {
  const limits = LIMITS[type];
  if (!limits) return;
  // Of values that are all the same, the greatest one stands for none.
  if (whole && min >= limits[0] && (max <= limits[1] || max === min + 1)) return;
  throw new RampartError({
    code: 'bad-data',
    message: `Expected ${type === 'bool' ? 'zeros and ones' : `whole numbers of ${type}`} for the model's input "${name}". The dataset has ${whole ? `numbers from ${min} to ${max}` : 'fractions'} for it.`,
  });
}

function unfit({ dims }: Companion, input: ValueInfo): RampartError {
  const taken = input.dims ? `[${input.dims.map((dim) => dim ?? '?').join(', ')}]` : '[...]';
  const known = input.type === 'other' ? 'no tensor' : `${input.type}${taken}`;
  return new RampartError({
    code: 'bad-data',
    message: `Expected rows for each sample that fit the model's input "${input.name}", ${known}. The dataset has rows of [${dims.join(', ')}], which make [batch${dims.map((size) => `, ${size}`).join('')}]. What is the same for all samples is held: --feed "${input.name}=..".`,
  });
}
