import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { messageOf, throwIfCancelled, type WorkOptions } from '@rampart/core';
import type { Kysely } from 'kysely';

import type { ArtifactName, ArtifactStore } from './artifact-store';
import { figuresDigest } from './digest';
import { openDatabase } from './open-database';
import type { StoreSchema } from './schema';
import type { StepFault, StepStore } from './step-store';
import { damaged } from './store-error';
import { addIsUtf8, quoted } from './utf8-text';

/** A finished step of which something is missing or not what was written, and the runs that need it. */
export interface DamagedStep extends Omit<StepFault, 'fault'> {
  readonly faults: readonly string[];
  readonly runs: readonly string[];
}

/** What a store was found to be. */
export interface StoreVerification {
  /** What is wrong with the database's own structure, text or references. */
  readonly database: readonly string[];
  readonly steps: readonly DamagedStep[];
  /** Runs whose experiment or figures are not those that they ended with. */
  readonly runs: readonly string[];
  /** What is wrong with files that no step has made, such as uploads. */
  readonly files: readonly string[];
  readonly checked: { readonly steps: number; readonly runs: number; readonly files: number };
}

/** Faults of the database that are listed at most. */
const MOST = 20;

/** Tells whether a store holds what was written to it. */
export class StoreVerifier {
  constructor(
    /** Undefined on a server, whose own means look after its pages and references. */
    private readonly file: string | undefined,
    private readonly db: Kysely<StoreSchema>,
    private readonly steps: StepStore,
    private readonly artifacts: ArtifactStore,
  ) {}

  /**
   * Reads everything: the database's pages and references, every record with a digest, every file.
   * @throws RampartError `cancelled`, and `store` when the disk refuses
   */
  async verify({ signal, onProgress }: WorkOptions = {}): Promise<StoreVerification> {
    const database = this.verifyDatabase();
    // Of a database that is damaged as much as may be had is looked at.
    const reading = async <T>(work: () => Promise<T>, otherwise: T): Promise<T> => {
      try {
        return await work();
      } catch (error) {
        throwIfCancelled(signal);
        if (!database.includes(messageOf(error))) database.push(messageOf(error));
        return otherwise;
      }
    };
    const keys = await reading(() => this.steps.keys(), []);
    const files = await this.artifacts.list();
    const total = keys.length + files.length;
    let done = 0;
    const advance = (detail: string) => {
      throwIfCancelled(signal);
      onProgress?.({ done: ++done, total, unit: 'steps and files', detail });
    };

    const known = new Map<string, string | undefined>();
    const faultOf = async (name: ArtifactName) => {
      const file = this.artifacts.relative(name);
      if (!known.has(file)) known.set(file, await this.artifacts.fault(name));
      return known.get(file);
    };
    const steps: DamagedStep[] = [];
    for (const key of keys) {
      const found = await reading(() => this.faultsOf(key, faultOf), undefined);
      if (found) steps.push(found);
      advance('steps');
    }
    const others: string[] = [];
    for (const name of files) {
      const seen = known.has(this.artifacts.relative(name));
      const fault = await faultOf(name);
      if (fault !== undefined && !seen) others.push(fault);
      advance('files');
    }
    const runs = await reading(() => this.runs(), []);
    const changed: string[] = [];
    for (const { id, figures_digest } of runs) {
      const same = await reading(async () => (await figuresDigest(this.db, id)) === figures_digest, false);
      if (!same) changed.push(id);
    }
    const checked = { steps: keys.length, runs: runs.length, files: known.size };
    return { database, steps, runs: changed, files: others, checked };
  }

  /**
   * What is damaged of one run: the steps of which something is.
   * @throws RampartError `damaged` when its figures are not those that it ended with
   */
  async verifyRun(id: string): Promise<DamagedStep[]> {
    const run = await this.db.selectFrom('runs').select('figures_digest').where('id', '=', id).executeTakeFirst();
    if (run?.figures_digest && run.figures_digest !== (await figuresDigest(this.db, id))) {
      throw damaged(`the figures of run ${id} are not those that it ended with`);
    }
    const keys = await this.db
      .selectFrom('run_steps')
      .select('key')
      .where('run_id', '=', id)
      .orderBy('position')
      .execute();
    const steps: DamagedStep[] = [];
    for (const { key } of keys) {
      const found = await this.faultsOf(key, (name) => this.artifacts.fault(name));
      if (found) steps.push(found);
    }
    return steps;
  }

  private async faultsOf(
    key: string,
    faultOf: (name: ArtifactName) => Promise<string | undefined>,
  ): Promise<DamagedStep | undefined> {
    const [step] = await this.steps.examine([key]);
    if (!step) return undefined;
    const faults: string[] = [];
    if ('fault' in step) faults.push(step.fault);
    else {
      for (const artifact of step.artifacts) {
        const fault = await faultOf(artifact);
        if (fault !== undefined) faults.push(fault);
      }
      if (step.damaged && faults.length === 0) faults.push('it was found damaged and has not been done again since');
    }
    if (!(await this.steps.hasItsInstances(key))) faults.push('the instances that it judged are not what was written');
    return faults.length === 0 ? undefined : { key, label: step.label, faults, runs: await this.runsOf(key) };
  }

  private async runsOf(key: string): Promise<string[]> {
    const rows = await this.db
      .selectFrom('run_steps')
      .select('run_id')
      .where('key', '=', key)
      .orderBy('run_id')
      .execute();
    return rows.map((row) => row.run_id);
  }

  private runs(): Promise<{ id: string; figures_digest: string | null }[]> {
    return this.db
      .selectFrom('runs')
      .select(['id', 'figures_digest'])
      .where('figures_digest', 'is not', null)
      .orderBy('id')
      .execute();
  }

  private verifyDatabase(): string[] {
    if (this.file === undefined) return [];
    let database: DatabaseSyncInstance | undefined;
    try {
      database = openDatabase(this.file, true);
      return [...structure(database), ...references(database), ...values(database)].slice(0, MOST);
    } catch (error) {
      return [messageOf(error)];
    } finally {
      database?.close();
    }
  }
}

function structure(database: DatabaseSyncInstance): string[] {
  const rows = database.prepare(`pragma integrity_check(${MOST})`).all() as { integrity_check: unknown }[];
  return rows.map((row) => String(row.integrity_check)).filter((text) => text !== 'ok');
}

function references(database: DatabaseSyncInstance): string[] {
  const rows = database.prepare('pragma foreign_key_check').all() as { table: string; parent: string }[];
  return rows.map(({ table, parent }) => `a row of ${table} belongs to none of ${parent}`);
}

/** Columns that have values of another type, or text that is not what text is stored as. */
function values(database: DatabaseSyncInstance): string[] {
  addIsUtf8(database);
  const tables = database.prepare("select name from sqlite_master where type = 'table'").all() as { name: string }[];
  return tables.flatMap(({ name: table }) => {
    const columns = database.prepare('select name, type from pragma_table_info(?)').all(table) as {
      name: string;
      type: string;
    }[];
    // SQLite's own tables say nothing of types.
    return columns.flatMap(({ name, type }) => {
      if (type === '') return [];
      const column = quoted(name);
      const fits = /text|char/i.test(type)
        ? `typeof(${column}) = 'text' and is_utf8(cast(${column} as blob))`
        : `typeof(${column}) in ('integer', 'real')`;
      const [row] = database
        .prepare(`select count(*) as count from ${quoted(table)} where ${column} is not null and not (${fits})`)
        .all() as { count: number }[];
      return row!.count === 0 ? [] : [`${row!.count} values of ${table}.${name} are not of type ${type}`];
    });
  });
}
