import { GraphBuilder } from './builder';
import { refuseHugeValues } from './huge-values';
import { int64Vector, scalar } from './tensor';

describe('a value of which the file says how large it is', () => {
  it.each([
    ['ConstantOfShape', (b: GraphBuilder, shape: string) => b.node('ConstantOfShape', [shape])],
    ['Expand', (b: GraphBuilder, shape: string) => b.node('Expand', [b.constant(scalar(1)), shape])],
  ])('is refused before anything makes it: %s', (op, make) => {
    const of = (...dims: number[]) => {
      const b = new GraphBuilder();
      b.output(make(b, b.constant(int64Vector(dims))));
      return b.build('graph');
    };
    expect(() => refuseHugeValues(of(2 ** 14, 2 ** 14))).not.toThrow();
    expect(() => refuseHugeValues(of(2 ** 31))).toThrow(new RegExp(`${op}.* makes a tensor of 2147483648 elements`));
    expect(() => refuseHugeValues(of(2 ** 14, 2 ** 14 + 1))).toThrow(/268435456 are the most/);
  });
});
