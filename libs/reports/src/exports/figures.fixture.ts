import type { ModelRecord } from '@rampart/results';
import type { ReportedFinding } from '../report/findings';

import { exampleThreatReport } from '../formats/robustness.fixture';
import { figuresOf, type RobustFigures } from './robust-figures';

/** What is open about the second model: its figures are not established. */
const OPEN: ReportedFinding = {
  ...{ audit: 'zero-gradient', severity: 'high', summary: 'The gradient is zero on 12 of 16 instances.', seed: 1 },
  ...{ model: 'mine|<b>', mode: 'adaptive', evidence: {}, remedies: [], resolved: false },
};

/** Two models under two threats, one of them with an open finding. */
export function exampleFigures(): RobustFigures {
  const example = exampleThreatReport();
  const robustness = example.robustness.map((one) => {
    const doubtful = one.model === OPEN.model;
    return { ...one, established: !doubtful, findings: doubtful ? [OPEN] : [] };
  });
  const report = { ...example, robustness, findings: [OPEN] };
  const model: ModelRecord = {
    ...{ runId: report.run.id, seed: 1, label: 'lenet5', step: 's', artifact: 'a'.repeat(64), parents: [] },
    ...{ parameters: 1, engine: 'onnx', facts: { file: '/work/models/le net.onnx' } },
  };
  return { report, figures: figuresOf(report, [model]) };
}
