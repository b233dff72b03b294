import { optimalityTables } from '../report/optimality';
import { type Report } from '../report/read-report';
import { type ReportedAttack, type ReportedCurve, type ReportedRobustness } from '../report/robustness';
import { threatTables } from '../report/threat-tables';

import { exampleReport } from './report.fixture';

const attack = (label: string, robustAccuracy: number, over: Partial<ReportedAttack> = {}): ReportedAttack => ({
  ...{ attack: label, robustAccuracy, cumulativeRobustAccuracy: robustAccuracy, successRate: 1 - robustAccuracy },
  ...{ medianDistance: null, gradientEvaluations: 92.5, forwardEvaluations: 1, seconds: 0.0574 },
  ...over,
});

/** Nearest-example attacks, which fill both threats. */
const NEAREST = (norm: string) => [
  attack(`fmn(norm=${norm})`, 0.75, { medianDistance: 0.0321 }),
  attack(`ddn(norm=${norm})`, 0.75, { medianDistance: 0.05 }),
  attack(`fab(norm=${norm})`, 1),
];

const record = (model: string, mode: 'static' | 'adaptive', robustAccuracy: number) => ({
  ...{ seed: 1, model, mode, cleanAccuracy: 0.98, robustAccuracy, low: 0.4, high: 0.6 },
  ...{ instances: 200, attacked: 200, attackable: 196, established: true, findings: [] },
});

const LINF = { threat: 'linf(8/255)', norm: 'linf', epsilon: 8 / 255 } as const;
const L2 = { threat: 'l2(0.5)', norm: 'l2', epsilon: 0.5 } as const;

const ROBUSTNESS: readonly ReportedRobustness[] = (
  [
    ['lenet5', 'static', 0.9],
    ['lenet5', 'adaptive', 0.5],
    ['mine|<b>', 'adaptive', 0.0],
  ] as const
).flatMap(([model, mode, robustAccuracy]): ReportedRobustness[] => [
  {
    ...record(model, mode, robustAccuracy),
    ...LINF,
    attacks: [
      attack('autoattack(epsilon=8/255)', 0.55),
      attack('autoattack(epsilon=8/255): apgd-ce', 0.6, { seconds: null }),
      attack('autoattack(epsilon=8/255): square', 0.55, { seconds: null }),
      ...NEAREST('linf'),
    ],
    notes: model === 'lenet5' ? ['The difference of logits <takes> its place.'] : [],
  },
  { ...record(model, mode, robustAccuracy), ...L2, attacks: NEAREST('l2').slice(0, 2), notes: [] },
]);

const CURVES: readonly ReportedCurve[] = ROBUSTNESS.flatMap(({ model, mode, norm, epsilon, attacks }) => {
  const names = ['worst-case', ...attacks.map((one) => one.attack).filter((label) => !label.includes(': '))];
  return names.map((name, index): ReportedCurve => ({
    ...{ seed: 1, model, mode, norm, attack: name, instances: 200 },
    points: [
      [0, 0.98, 0.95, 0.99],
      [epsilon * (0.5 + 0.1 * index), 0.5, 0.43, 0.57],
      [epsilon * (1.2 + 0.1 * index), 0, 0, 0.02],
    ],
  }));
});

/** The report of a run with threats: two models, static and adaptive, an ensemble, labels that need escaping. */
export function exampleThreatReport(): Report {
  return {
    ...exampleReport(),
    robustness: ROBUSTNESS,
    robustnessCurves: CURVES,
    optimality: optimalityTables(ROBUSTNESS, CURVES, threatTables(ROBUSTNESS)),
  };
}
