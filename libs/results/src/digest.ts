import { createHash } from 'node:crypto';

import { type Kysely, sql } from 'kysely';

import type { NewRow, StoreSchema } from './schema';

/** Values in order, each as what it is stored as. */
export type DigestedRow = readonly (string | number | null)[];

/** The SHA-256 of rows, in hexadecimal: one changed bit of one value changes it. */
export function digestOf(rows: Iterable<DigestedRow>): string {
  const hash = createHash('sha256');
  for (const row of rows) hash.update(`${JSON.stringify(row)}\n`);
  return hash.digest('hex');
}

/** What makes up a finished step, its instances apart. */
export function stepDigest(
  step: Pick<NewRow<'steps'>, 'key' | 'kind' | 'label' | 'output' | 'seconds' | 'finished_at'>,
  artifacts: readonly Pick<NewRow<'step_artifacts'>, 'name' | 'extension' | 'checksum' | 'bytes'>[],
): string {
  const { key, kind, label, output, seconds, finished_at } = step;
  return digestOf([
    [key, kind, label, output, seconds, finished_at],
    ...artifacts.map(({ name, extension, checksum, bytes }) => [name, extension, checksum, bytes]),
  ]);
}

const INSTANCE_COLUMNS = [
  'position',
  'test_index',
  'label',
  'prediction_before',
  'prediction_after',
  'confidence_before',
  'confidence_after',
  'distortion',
  'linf',
  'iterations',
] as const;

/** What makes up the instances of a step, in order of position. */
export function instancesDigest(rows: Iterable<Pick<NewRow<'instances'>, (typeof INSTANCE_COLUMNS)[number]>>): string {
  return digestOf(
    (function* () {
      for (const row of rows) yield INSTANCE_COLUMNS.map((column) => row[column]);
    })(),
  );
}

/** The tables that hold what a run has found out, with what their rows are made of and how they are put in order. */
const FIGURES = [
  ['cells', 'seed, model, attack, mode, metric, unit, value, low, high, count, attack_step, evaluate_step'],
  ['curves', 'seed, diagram, model, series, x, y'],
  ['models', 'seed, label, step, artifact, parents, parameters, engine, facts'],
  ['robustness', 'model, mode, threat, seed, position, value'],
  ['robustness_curves', 'model, mode, series, seed, position, value'],
  ['findings', 'step, model, seed, place, position, value'],
  ['certificates', 'model, seed, position, value'],
  ['standings', 'model, mode, threat, seed, position, attacks, attacked, attackable, evaded, unmoved'],
] as const;

/** The tables that hold what a run has found out. */
export const FIGURE_TABLES = FIGURES.map(([table]) => table);

/** What a run is, and all figures that it has. */
export async function figuresDigest(db: Kysely<StoreSchema>, runId: string): Promise<string> {
  const { rows: runs } = await sql<Record<string, string | number | null>>`
    select plan_key, experiment, dataset, published, engine, seeds, images from runs where id = ${runId}`.execute(db);
  const rows: DigestedRow[] = runs.map((row) => Object.values(row));
  for (const [table, columns] of FIGURES) {
    const found = await sql<Record<string, string | number | null>>`
      select ${sql.raw(columns)} from ${sql.table(table)} where run_id = ${runId} order by ${sql.raw(columns)}`.execute(
      db,
    );
    for (const row of found.rows) rows.push([table, ...Object.values(row)]);
  }
  return digestOf(rows);
}
