import { RampartError } from '@rampart/core';
import { type ModelRecord, type RunRecord, type Store } from '@rampart/results';
import { findingsAbout, type ReportedFinding } from '../report/findings';
import { readReport, type Report } from '../report/read-report';
import { type ThreatModel, type ThreatTable, threatTables } from '../report/threat-tables';

/** How one model withstands one threat, attacked itself. */
export interface RobustFigure {
  readonly threat: ThreatTable;
  readonly figure: ThreatModel;
  /** Undefined where the run did not record the model. */
  readonly model: ModelRecord | undefined;
  /** What is open about it, the gravest first. */
  readonly open: readonly ReportedFinding[];
}

/** What a run has to hand on about robust accuracy. */
export interface RobustFigures {
  readonly report: Report;
  /** By threat, then by model, in the order of the run. */
  readonly figures: readonly RobustFigure[];
}

/**
 * Reads the robust accuracy that a run found, of models that were attacked themselves: what examples of another model do
 * is no measure of robustness.
 * @throws RampartError `usage` for a run that has none
 */
export async function robustFigures(store: Store, run: RunRecord): Promise<RobustFigures> {
  const report = await readReport(store, run);
  return { report, figures: figuresOf(report, await store.models.ofRun(run.id)) };
}

/** @throws RampartError `usage` as `robustFigures` */
export function figuresOf(report: Report, models: readonly ModelRecord[]): RobustFigure[] {
  const tables = threatTables(report.robustness);
  const figures = tables
    .filter(({ mode }) => mode === 'adaptive')
    .flatMap((threat) =>
      threat.models.map((figure): RobustFigure => {
        const { model } = figure;
        const place = { model, mode: 'adaptive', threat: threat.threat } as const;
        const open = findingsAbout(report.findings, place).filter(({ resolved }) => !resolved);
        return { threat, figure, model: models.find(({ label }) => label === model), open };
      }),
    );
  if (figures.length > 0) return figures;
  const why =
    tables.length > 0
      ? 'its examples were made against another model and replayed (static)'
      : report.run.state === 'done'
        ? 'it names no threats'
        : 'it ended before it knew';
  throw new RampartError({
    code: 'usage',
    message: `There is nothing to export: the run ${report.run.id} has no robust accuracy of a model that was attacked itself, as ${why}. Name a finished run with threats and adaptive examples.`,
  });
}
