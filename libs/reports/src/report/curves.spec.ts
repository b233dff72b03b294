import type { CurveRecord } from '@rampart/results';
import { arrangeCurves } from './curves';

describe('losses of attacks', () => {
  const point = (over: Partial<CurveRecord>): CurveRecord => ({
    ...{ runId: 'r', seed: 1, diagram: 'attack-loss', model: 'lenet5', series: 'cg', x: 0, y: 0 },
    ...over,
  });

  it('are a diagram for each attack, a line for each model', () => {
    const diagrams = arrangeCurves([
      point({ y: 1 }),
      point({ series: 'adam', y: 2 }),
      point({ model: 'rad(attack=adam)', y: 3 }),
    ]);
    expect(diagrams.map(({ diagram, series }) => [diagram, series.map(({ name }) => name)])).toEqual([
      ['attack-loss: cg', ['lenet5', 'rad(attack=adam)']],
      ['attack-loss: adam', ['lenet5']],
    ]);
  });

  it('count a seed whose searches have ended with the loss that it ended with', () => {
    const [diagram] = arrangeCurves([
      ...[4, 2, -2].map((y, x) => point({ x, y })),
      ...[2, -4].map((y, x) => point({ seed: 2, x, y })),
    ]);
    expect(diagram!.series[0]!.points).toEqual([
      [0, 3],
      [1, -1],
      [2, -3],
    ]);
  });
});
