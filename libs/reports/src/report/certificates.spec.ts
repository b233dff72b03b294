import {
  certifiedAccuracy,
  certifiedStairs,
  certifiedTables,
  ofSameInstances,
  type ReportedCertificate,
} from './certificates';

const CERTIFICATE: ReportedCertificate = {
  ...{ seed: 1, model: 'smoothed', sigma: 0.5, samples: 1000, selection: 100, alpha: 0.001, reach: 1.2 },
  ...{ features: 4, instances: 10, attackable: 5, abstained: 0.1 },
  curve: [
    [0, 0.9, 0.6, 1],
    [0.5, 0.7, 0.4, 0.9],
    [1, 0.2, 0.1, 0.5],
  ],
  attackableCurve: [[0.5, 0.4, 0.1, 0.8]],
};

const at = (norm: 'l0' | 'l1' | 'l2' | 'linf', epsilon: number, of: 'instances' | 'attackable' = 'instances') =>
  certifiedAccuracy([CERTIFICATE], { norm, epsilon }, of)?.value;

it('has at a radius what holds up to the next point, and nothing beyond what copies can tell', () => {
  expect([0, 0.3, 0.5, 0.6, 1, 1.1].map((epsilon) => at('l2', epsilon))).toEqual([0.9, 0.7, 0.7, 0.2, 0.2, 0]);
  expect(at('l2', 1.3)).toBeUndefined();
  expect([at('l2', 0.4, 'attackable'), at('l2', 0.6, 'attackable')]).toEqual([0.4, 0]);
});

it('answers other norms by the smallest l2 ball around theirs', () => {
  // In l1 the ball is inside that of l2; in linf its corners are as far as the root of 4 features times epsilon.
  expect([at('l1', 0.5), at('linf', 0.25), at('linf', 0.3), at('linf', 0.7)]).toEqual([0.7, 0.7, 0.2, undefined]);
  expect(at('l0', 1)).toBeUndefined();
});

it('is known of several seeds where it is known of each', () => {
  const second = { ...CERTIFICATE, seed: 2, curve: [[0.5, 0.5, 0.2, 0.8]] } as const;
  const both = certifiedAccuracy([CERTIFICATE, second], { norm: 'l2', epsilon: 0.5 }, 'instances')!;
  expect([both.value, both.seeds]).toEqual([0.6, 2]);
  const short = { ...second, reach: 0.4 };
  expect(certifiedAccuracy([CERTIFICATE, short], { norm: 'l2', epsilon: 0.5 }, 'instances')).toBeUndefined();
  expect(certifiedAccuracy([], { norm: 'l2', epsilon: 0.5 }, 'instances')).toBeUndefined();
});

it('is drawn as a staircase whose points hold up to the next, never above what is certain', () => {
  const stairs = certifiedStairs(CERTIFICATE);
  expect(stairs).toEqual([
    [0, 0.7, 0.4, 0.9],
    [0.5, 0.2, 0.1, 0.5],
    [1, 0, 0, 0],
  ]);
});

it('is a table of radii in deviations of the noise, as far as any certificate goes', () => {
  const [table, ...others] = certifiedTables([CERTIFICATE]);
  expect(others).toEqual([]);
  expect(table!.columns).toEqual(['l2(0)', 'l2(0.125)', 'l2(0.25)', 'l2(0.5)', 'l2(0.75)', 'l2(1)']);
  expect(table!.rows[0]!.cells.map((cell) => cell!.value)).toEqual([0.9, 0.7, 0.7, 0.7, 0.2, 0.2]);
  expect(table!.note).toMatch(/rests on 1000 copies and is wrong with a probability of 0\.001/);
  expect(certifiedTables([])).toEqual([]);
});

it('stands beside a figure of as many instances alone', () => {
  expect(ofSameInstances([CERTIFICATE], { model: 'smoothed', instances: 10 })).toEqual([CERTIFICATE]);
  expect(ofSameInstances([CERTIFICATE], { model: 'smoothed', instances: 20 })).toEqual([]);
  expect(ofSameInstances([CERTIFICATE], { model: 'lenet5', instances: 10 })).toEqual([]);
});
