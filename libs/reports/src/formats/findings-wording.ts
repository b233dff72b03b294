import { overSeedsOf, type ReportedFinding, type SharedFinding } from '../report/findings';

import { modeText } from './robustness-wording';

export const FINDINGS_TITLE = 'What makes figures doubtful';

/** What an empty list says. */
export const NO_FINDINGS = 'The audits found nothing that makes these figures doubtful.';

/** What the list says of itself. */
export const FINDINGS_NOTE =
  'Each finding with what was tried against it; what a remedy breaks counts in the worst case. A figure with an open finding of severity "high" is not established.';

/** A finding in words. */
export interface FindingText {
  /** `high, open` */
  readonly state: string;
  readonly open: boolean;
  readonly severity: SharedFinding['severity'];
  /** `distillation(temperature=100), linf(0.3), seeds 1 and 2` */
  readonly where: string;
  readonly audit: string;
  readonly summary: string;
  /** `another loss broke 12 of 40` */
  readonly remedies: readonly string[];
}

/** Findings in words, those that the seeds of a model share told once. */
export function findingTexts(findings: readonly ReportedFinding[], seeds: readonly number[]): FindingText[] {
  const modes = new Set(findings.map(({ mode }) => mode));
  return overSeedsOf(findings).map((finding) => ({
    state: `${finding.severity}, ${finding.resolved ? 'resolved' : 'open'}`,
    open: !finding.resolved,
    severity: finding.severity,
    where: [
      finding.model,
      ...(finding.threat === undefined ? [] : [finding.threat]),
      ...(finding.attack === undefined ? [] : [finding.attack]),
      ...(modes.size > 1 || finding.mode === 'static' ? [modeText(finding.mode)] : []),
      ...(finding.seeds.length < seeds.length ? [`seed ${finding.seeds.join(', ')}`] : []),
    ].join(', '),
    audit: finding.audit,
    summary: finding.summary,
    remedies: finding.tried,
  }));
}
