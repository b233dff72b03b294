import type { Severity } from '@rampart/core';

import type { FindingRecord, Store } from '@rampart/results';

/** What makes the figures of one model doubtful, one seed. */
export type ReportedFinding = Omit<FindingRecord, 'runId' | 'step' | 'remedied'>;

/** What a figure is about, as far as findings tell figures apart. */
export interface FigurePlace {
  readonly model: string;
  readonly mode: 'static' | 'adaptive';
  readonly seed?: number;
  /** As `formatThreat` writes it; undefined for figures of no threat, which every finding concerns. */
  readonly threat?: string;
}

const SEVERITIES: readonly Severity[] = ['high', 'medium', 'low'];

/** The findings about a run's models, the gravest first, open ones before resolved ones. */
export async function readFindings(store: Pick<Store, 'findings'>, runId: string): Promise<readonly ReportedFinding[]> {
  return reportedFindings(await store.findings.ofRun(runId));
}

/** The same of records that are read already. */
export function reportedFindings(records: readonly FindingRecord[]): readonly ReportedFinding[] {
  return records.map(({ runId: _run, step: _step, remedied: _remedied, ...finding }) => finding).toSorted(byGravity);
}

/** Positions of the attacked instances that remedies broke in a run without threats, by `placeKey`. */
export function remediedOf(records: readonly FindingRecord[]): ReadonlyMap<string, ReadonlySet<number>> {
  return new Map(
    records.flatMap((record) => (record.remedied ? [[placeKey(record), new Set(record.remedied)] as const] : [])),
  );
}

/** Names a model's figures of one mode and seed. */
export function placeKey({ model, mode, seed }: Pick<FindingRecord, 'model' | 'mode' | 'seed'>): string {
  return JSON.stringify([model, mode, seed]);
}

/** Those that concern one figure. */
export function findingsAbout<F extends ReportedFinding>(
  findings: readonly F[],
  { model, mode, seed, threat }: FigurePlace,
): readonly F[] {
  return findings.filter(
    (finding) =>
      finding.model === model &&
      finding.mode === mode &&
      (seed === undefined || finding.seed === seed) &&
      (threat === undefined || finding.threat === undefined || finding.threat === threat),
  );
}

/** Whether findings leave a figure standing: none of them is open and of severity `high`. */
export function isEstablished(findings: readonly Pick<ReportedFinding, 'severity' | 'resolved'>[]): boolean {
  return !findings.some(({ severity, resolved }) => severity === 'high' && !resolved);
}

/** A finding as several seeds make it. */
export interface SharedFinding extends Omit<ReportedFinding, 'seed'> {
  readonly seeds: readonly number[];
  /** What was tried against it, a remedy each: `another loss broke 12 of 40`. */
  readonly tried: readonly string[];
}

/** Findings of one audit about one model and threat, over its seeds: told once, the gravest first. */
export function overSeedsOf(findings: readonly ReportedFinding[]): readonly SharedFinding[] {
  const groups = new Map<string, SharedFinding>();
  for (const { seed, ...finding } of findings) {
    const { model, mode, audit, severity, resolved, threat, attack } = finding;
    const key = JSON.stringify([model, mode, audit, severity, resolved, threat, attack]);
    const known = groups.get(key);
    groups.set(
      key,
      known ? { ...known, seeds: [...known.seeds, seed] } : { ...finding, seeds: [seed], tried: triedTexts(finding) },
    );
  }
  return [...groups.values()];
}

function byGravity(a: ReportedFinding, b: ReportedFinding): number {
  return Number(a.resolved) - Number(b.resolved) || SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity);
}

/** One line a remedy: all that its attacks broke together. */
function triedTexts({ remedies, threat }: Pick<ReportedFinding, 'remedies' | 'threat'>): string[] {
  const groups = new Map<string, typeof remedies>();
  for (const tried of remedies) {
    const key = threat === undefined ? `${tried.remedy} at ${tried.threat}` : tried.remedy;
    groups.set(key, [...(groups.get(key) ?? []), tried]);
  }
  return [...groups].map(([key, tried]) => {
    const name = key.replaceAll('-', ' ');
    const ran = tried.filter(({ skipped }) => skipped === undefined);
    const [first] = ran;
    if (!first) return `${name}: ${tried[0]!.skipped}`;
    if (first.remedy === 'averaging') return `${name}: judged by many draws, under ${first.attack}`;
    if (first.instances === 0) return `${name}: nothing was left`;
    const broken = ran.reduce((sum, one) => sum + one.broken, 0);
    return `${name} broke ${broken} of ${first.instances}`;
  });
}
