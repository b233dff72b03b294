import { float, floats } from './attribute';
import { GraphBuilder } from './builder';
import { refuseHugeValues } from './huge-values';
import type { Graph } from './ir';
import { float32Tensor, int64Tensor, int64Vector, scalar } from './tensor';

type Make = (b: GraphBuilder, n: number) => string;

const ints = (b: GraphBuilder, ...numbers: number[]) => b.constant(int64Vector(numbers));
const int = (b: GraphBuilder, number: number) => b.constant(int64Tensor([], [number]));
const one = (b: GraphBuilder) => b.constant(scalar(1));

/** Values of which one number of the file says how large they are: of n elements and a few more. */
const SIZED: Readonly<Record<string, Make>> = {
  ConstantOfShape: (b, n) => b.node('ConstantOfShape', [ints(b, n)]),
  'ConstantOfShape by several numbers': (b, n) => b.node('ConstantOfShape', [ints(b, 2 ** 10, n / 2 ** 10)]),
  Expand: (b, n) => b.node('Expand', [one(b), ints(b, n)]),
  Tile: (b, n) => b.node('Tile', ['x', ints(b, 1, 1, n / 16, 1)]),
  'Tile of what is repeated already': (b, n) => {
    const rows = b.node('Tile', ['x', ints(b, 1, 1, 1, n / 2 ** 10)]);
    return b.node('Tile', [rows, ints(b, 1, 1, 2 ** 6, 1)]);
  },
  Range: (b, n) => b.node('Range', [int(b, 0), int(b, 2 * n), int(b, 2)]),
  'Range of floats': (b, n) =>
    b.node('Range', [b.constant(scalar(0)), b.constant(scalar(-n / 2)), b.constant(scalar(-0.5))]),
  Pad: (b, n) => b.node('Pad', ['x', ints(b, 0, 0, 0, 0, 0, 0, n / 4 - 4, 0)]),
  'Pad as it was first': (b, n) => b.node('Pad', ['x'], { pads: [0, 0, n / 4 - 4, 0, 0, 0, 0, 0] }),
  'Pad along an axis': (b, n) => b.node('Pad', ['x', ints(b, n / 4 - 4, 0), '', ints(b, -2)]),
  'Resize by scales': (b, n) =>
    b.node('Resize', ['x', '', b.constant(float32Tensor([4], [1, 1, n / 2 ** 14, 2 ** 10]))]),
  'Resize to sizes': (b, n) => b.node('Resize', ['x', '', '', ints(b, 1, 1, 2 ** 10, n / 2 ** 10)]),
  'Resize of some axes': (b, n) => b.node('Resize', ['x', '', '', ints(b, n / 4)], { axes: [2] }),
  Upsample: (b, n) => b.node('Upsample', ['x'], { scales: floats([1, 1, n / 16, 1]) }),
  OneHot: (b, n) => b.node('OneHot', [ints(b, 0, 1), int(b, n / 2), b.constant(float32Tensor([2], [0, 1]))]),
  RandomNormal: (b, n) => b.node('RandomNormal', [], { shape: [n] }),
  HannWindow: (b, n) => b.node('HannWindow', [int(b, n)]),
  AffineGrid: (b, n) => b.node('AffineGrid', ['theta', ints(b, 1, 3, 2 ** 10, n / 2 ** 11)]),
  CenterCropPad: (b, n) => b.node('CenterCropPad', ['x', ints(b, 1, 1, 2, n / 2)]),
  MaxUnpool: (b, n) => b.node('MaxUnpool', ['x', 'at', ints(b, 1, 1, 1, n)], { kernel_shape: [1, 1] }),
  RoiAlign: (b, n) => b.node('RoiAlign', ['x', 'rois', 'at'], { output_height: 2 ** 10, output_width: n / 2 ** 10 }),
  'Conv with padding': (b, n) =>
    b.node('Conv', ['x', b.constant(float32Tensor([1, 1, 1, 1], [1]))], { pads: [0, 0, n / 4 - 4, 0] }),
  'MaxPool with padding': (b, n) =>
    b.node('MaxPool', ['x'], { kernel_shape: [1, 1], strides: [2, 1], pads: [n / 2 - 4, 0, 0, 0] }),
  ConvTranspose: (b, n) => b.node('ConvTranspose', ['x', 'w'], { output_shape: [2 ** 10, n / 2 ** 10] }),
  'a shape made in steps': (b, n) => {
    const length = b.node('Mul', [b.node('Cast', [int(b, n / 2 ** 12)], { to: 7 }), int(b, 2 ** 10)]);
    const row = b.node('Unsqueeze', [length, ints(b, 0)]);
    return b.node('ConstantOfShape', [b.node('Concat', [ints(b, 4), row], { axis: 0 })]);
  },
  'a shape of a Constant': (b, n) =>
    b.node('ConstantOfShape', [b.node('Constant', [], { value_ints: [n / 2 ** 4, 2 ** 4] })]),
};

const graphOf = (make: Make, n: number): Graph => {
  const b = new GraphBuilder();
  b.input('x', 'float32', ['n', 1, 4, 4]);
  for (const name of ['theta', 'rois', 'at', 'w']) b.input(name);
  b.output(make(b, n));
  return b.build('graph');
};

const refuse = (graph: Graph) => refuseHugeValues({ graph, functions: [] });

describe('a value of which the file says how large it is', () => {
  it.each(Object.entries(SIZED))('is refused before anything makes it: %s', (_what, make) => {
    expect(() => refuse(graphOf(make, 2 ** 28))).not.toThrow();
    expect(() => refuse(graphOf(make, 2 ** 31))).toThrow(/ makes a tensor of at least 2147483648 elements; 268435456/);
    expect(() => refuse(graphOf(make, 2 ** 29))).toThrow(/at least 536870912 elements/);
  });

  it('is refused inside of a branch, by numbers from around it, and in a function', () => {
    const b = new GraphBuilder();
    const length = ints(b, 2 ** 30);
    const branch = new GraphBuilder(undefined, b.names());
    branch.output(branch.node('ConstantOfShape', [length]));
    const then_branch = branch.build('branch');
    b.output(b.node('If', [one(b)], { then_branch, else_branch: then_branch }));
    expect(() => refuse(b.build('graph'))).toThrow(/^ConstantOfShape .*1073741824/);
    const nodes = graphOf((g) => g.node('RandomUniform', [], { shape: [2 ** 30], low: float(0) }), 0).nodes;
    const empty = { inputs: [], outputs: [], attributes: [], opsets: new Map<string, number>() };
    const functions = [{ domain: 'own', name: 'f', nodes, ...empty }];
    expect(() => refuseHugeValues({ graph: graphOf(one, 0), functions })).toThrow(/^RandomUniform .*1073741824/);
  });

  it('is left alone where nothing is known of it, and where it is negative or empty', () => {
    const graph = (make: (b: GraphBuilder) => string) => graphOf(make, 0);
    expect(() => refuse(graph((b) => b.node('Tile', ['x', 'at'])))).not.toThrow();
    expect(() => refuse(graph((b) => b.node('Tile', ['x', ints(b, 0, 2 ** 31, 1, 1)])))).not.toThrow();
    expect(() => refuse(graph((b) => b.node('ConstantOfShape', [ints(b, -(2 ** 20), -(2 ** 20))])))).not.toThrow();
    expect(() => refuse(graph((b) => b.node('Resize', ['x', '', '', 'at'])))).not.toThrow();
  });
});
