import { parseThreats } from '@rampart/core';

import { specOf } from '@rampart/results';
import { WORST_CASE } from './attack-labels';
import type { ReportedFinding } from './findings';
import type { RunFigure } from './run-figures';

/** A figure that a serious finding is about. */
export interface DoubtfulFigure extends Pick<RunFigure, 'model' | 'attack' | 'mode'> {
  readonly audits: readonly string[];
}

/**
 * Those figures under attack that findings of severity `high` are about, each once. Resolved findings count too: the
 * figure of one attack stays what it was, whatever remedies found beside it. A worst case rests on all attacks.
 */
export function doubtfulFigures(
  figures: readonly Pick<RunFigure, 'model' | 'attack' | 'mode'>[],
  findings: readonly ReportedFinding[],
): DoubtfulFigure[] {
  const serious = findings.filter(({ severity }) => severity === 'high');
  const once = new Map(figures.map((figure) => [JSON.stringify([figure.model, figure.attack, figure.mode]), figure]));
  return [...once.values()].flatMap(({ model, attack, mode }) => {
    const audits = serious
      .filter((finding) => finding.model === model && finding.mode === mode && concerns(finding, attack))
      .map(({ audit }) => audit);
    return audits.length === 0 ? [] : [{ model, attack, mode, audits: [...new Set(audits)] }];
  });
}

function concerns({ attack, threat }: ReportedFinding, label: string): boolean {
  if (label === WORST_CASE) return true;
  if (attack !== undefined) return attack === label;
  if (threat === undefined) return true;
  const [ball] = parseThreats(threat);
  return specOf(label)?.params['epsilon'] === ball!.epsilon;
}
