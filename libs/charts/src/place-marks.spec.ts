import { placeMarks, textWidth } from './place-marks';

const x = (value: number) => 100 * value;

it('centres a name over its line, inside of the plot', () => {
  const [left, middle, right] = placeMarks(
    [
      { x: 0, name: 'first' },
      { x: 2, name: 'second' },
      { x: 4, name: 'third' },
    ],
    x,
    400,
    -20,
  );
  expect(left).toMatchObject({ left: 0, textLeft: 0, level: 0 });
  expect(middle).toMatchObject({ left: 200, textLeft: 200 - textWidth('second') / 2, level: 0 });
  expect(right).toMatchObject({ left: 400, textLeft: 400 - textWidth('third'), level: 0 });
});

it('puts names that would overlap above each other, in order of their places', () => {
  const placed = placeMarks(
    [0.32, 0.3, 0.31].map((at) => ({ x: at, name: 'linf(8/255)' })),
    x,
    400,
    -20,
  );
  expect(placed.map((mark) => mark.x)).toEqual([0.3, 0.31, 0.32]);
  expect(placed.map(({ level }) => level)).toEqual([0, 1, 2]);
});

it('leaves room for what stands on the first level', () => {
  expect(placeMarks([{ x: 0.3, name: 'l2(1)' }], x, 400, 200)).toMatchObject([{ level: 1 }]);
});
