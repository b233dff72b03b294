import type { CellRecord, ModelRecord, RunRecord, Store } from '@rampart/results';

import { certifiedTables, readCertificates } from './certificates';
import { type ReportTable, reportTables } from './tables';
import { transferTables } from './transferability';
import { type Ball, unseenTables } from './unseen';

/** Defenses against what they were not trained for, and models under the examples made against every other one. */
export async function unseenAndTransfer(
  store: Pick<Store, 'steps'>,
  cells: readonly CellRecord[],
  models: readonly ModelRecord[],
): Promise<ReportTable[]> {
  return [...unseenTables(cells, models, await ballsOf(store, cells)), ...transferTables(cells)];
}

/** The same of a run, with what naive attacks would have claimed and what is certain before it: tables that a matrix has no place for. */
export async function readBeyond(
  store: Pick<Store, 'cells' | 'certificates' | 'models' | 'steps'>,
  run: RunRecord,
): Promise<ReportTable[]> {
  const [cells, models, certificates] = await Promise.all([
    store.cells.ofRun(run.id),
    store.models.ofRun(run.id),
    readCertificates(store, run.id),
  ]);
  const naive = reportTables(run, cells).filter(({ mode }) => mode === 'naive');
  return [...naive, ...certifiedTables(certificates), ...(await unseenAndTransfer(store, cells, models))];
}

/** What the examples of attack steps were held to. */
async function ballsOf(
  store: Pick<Store, 'steps'>,
  cells: readonly CellRecord[],
): Promise<(attackStep: string) => Ball | undefined> {
  const keys = [...new Set(cells.flatMap(({ attackStep }) => attackStep ?? []))];
  const records = keys.length === 0 ? [] : await store.steps.findAll(keys);
  const balls = new Map(records.map(({ key, output }) => [key, (output as { readonly heldTo?: Ball }).heldTo]));
  return (step) => balls.get(step);
}
