import { type CellRecord, type CurveRecord, type RunRecord } from '@rampart/results';
import { arrangeCurves } from '../report/curves';
import { judgeClaims } from '../report/judge-claims';
import { type Report } from '../report/read-report';
import { reportTables } from '../report/tables';

const RUN: RunRecord = {
  ...{ id: '20260101-000000-abcdef', name: 'an <example>', planKey: 'p', experiment: '', engine: 'onnx', seeds: [1] },
  ...{ dataset: 'mnist(classes=[4, 7])', published: 'mnist', state: 'done', stepsTotal: 1, stepsDone: 1 },
  ...{ startedAt: 0, finishedAt: 61_000, error: undefined, tags: [], notes: ['Data of "one" & <another>.'] },
  ...{ images: undefined, archivedAt: undefined, deletedAt: undefined, secondsLeft: undefined },
};

const ERROR_RATES = [
  ['lenet5', 'none', 'clean', 0.001],
  ['lenet5', 'cg', 'static', 0.5],
  ['rad(attack=adam)', 'none', 'clean', 0.3],
  ['rad(attack=adam)', 'cg', 'static', 0.01],
  ['mine|<b>', 'none', 'clean', 0.2],
  ['mine|<b>', 'cg', 'static', 0.4],
] as const;

/** A small report in which claims hold, hold in part, fail and are not measured, with labels that need escaping. */
export function exampleReport(): Report {
  const cells = ERROR_RATES.map(([model, attack, mode, value]): CellRecord => {
    const half = mode === 'clean' ? 0.0005 : 0.1;
    return {
      ...{ runId: RUN.id, seed: 1, model, attack, mode, metric: 'error-rate', unit: 'fraction', value },
      ...{ low: Math.max(0, value - half), high: value + half, count: 10, attackStep: 'a', evaluateStep: 'e' },
    };
  });
  const curves = ['lenet5', 'mine|<b>'].flatMap((model) =>
    [0.9, 0.95, 0.2].map((y, index): CurveRecord => ({
      ...{ runId: RUN.id, seed: 1, diagram: 'recall-epsilon', model, series: `${model} under fgs` },
      ...{ x: (index + 1) / 10, y },
    })),
  );
  return {
    run: RUN,
    standings: [],
    findings: [],
    robustness: [],
    robustnessCurves: [],
    certificates: [],
    optimality: [],
    peculiarities: new Map(),
    tables: reportTables(RUN, cells),
    claims: judgeClaims('mnist', cells, curves),
    curves: arrangeCurves(curves),
    madeWith: [
      { kind: 'attack', versions: { core: '0.1.0', cg: '1', 'mine|<b>': '2 of plugin <mine>' } },
      { kind: 'train', versions: {} },
    ],
    devices: [
      {
        model: 'lenet5',
        device: 'webgpu',
        sessions: [
          { computes: 'margin', compared: 300, differences: { logits: 4e-7, gradient: 2.5e-6 }, onCpu: [] },
          {
            computes: 'cross-entropy',
            compared: 1,
            differences: { logits: 3e-7 },
            wrong: { logits: 0.52 },
            onCpu: [{ name: 'conv<2>', op: 'Conv' }],
          },
          { computes: 'dlr', compared: 0, differences: {}, onCpu: 'all', refused: 'no kernel' },
        ],
      },
    ],
  };
}
