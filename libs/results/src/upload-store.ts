import type { Kysely } from 'kysely';

import type { ArtifactName, ArtifactStore } from './artifact-store';
import { type DocumentStore, inspectionKey } from './document-store';
import type { StoreSchema } from './schema';

/** Files that were brought to the store and that no step has made: models that somebody uploaded. */
export class UploadStore {
  constructor(
    private readonly db: Kysely<StoreSchema>,
    private readonly artifacts: ArtifactStore,
    private readonly documents: DocumentStore,
    private readonly now: () => number,
  ) {}

  /**
   * Removes the files that are older than `age` and that nothing refers to: no step, no run's experiment, no job that
   * waits. What was found out about them goes with them.
   * @param age milliseconds
   * @returns those that were removed
   */
  async collect(age: number): Promise<ArtifactName[]> {
    const candidates = await this.unowned();
    if (candidates.length === 0) return [];
    const texts = await this.texts();
    const unused = candidates.filter(({ checksum }) => !texts.some((text) => text.includes(checksum)));
    const removed = await this.artifacts.collect(unused, this.now(), age);
    for (const { checksum } of removed) await this.documents.remove(inspectionKey(checksum));
    return removed;
  }

  /** Files that belong to no step. */
  private async unowned(): Promise<ArtifactName[]> {
    const files = await this.artifacts.list();
    const rows = await this.db.selectFrom('step_artifacts').select('checksum').distinct().execute();
    const owned = new Set(rows.map((row) => row.checksum));
    return files.filter(({ checksum }) => !owned.has(checksum));
  }

  /** What may name a file by its checksum: experiments of runs, finished ones too, and jobs that are not done. */
  private async texts(): Promise<string[]> {
    const runs = await this.db.selectFrom('runs').select('experiment').distinct().execute();
    const jobs = await this.db
      .selectFrom('jobs')
      .select('request')
      .where('state', 'in', ['queued', 'running'])
      .execute();
    return [...runs.map((row) => row.experiment), ...jobs.map((row) => row.request)];
  }
}
