import type { Generated, Insertable, Selectable } from 'kysely';

/** The tables as the newest migration leaves them. Lists and objects are JSON text, times milliseconds since the epoch. */
export interface StoreSchema {
  runs: RunsTable;
  run_steps: RunStepsTable;
  steps: StepsTable;
  step_artifacts: StepArtifactsTable;
  claims: ClaimsTable;
  events: EventsTable;
  cells: CellsTable;
  curves: CurvesTable;
  models: ModelsTable;
  instances: InstancesTable;
  jobs: JobsTable;
  documents: DocumentsTable;
  robustness: RobustnessTable;
  robustness_curves: RobustnessCurvesTable;
  findings: FindingsTable;
  certificates: CertificatesTable;
  standings: StandingsTable;
  workers: WorkersTable;
  tokens: TokensTable;
  writes: WritesTable;
  notes: NotesTable;
  model_tags: ModelTagsTable;
  views: ViewsTable;
}

export interface RunsTable {
  id: string;
  name: string;
  plan_key: string;
  /** The process that carries it out, as `processOwner` names it. */
  owner: string;
  experiment: string;
  dataset: string;
  published: string | null;
  engine: string;
  seeds: string;
  state: string;
  steps_total: number;
  steps_done: number;
  started_at: number;
  heartbeat_at: number;
  finished_at: number | null;
  error: string | null;
  tags: string;
  notes: string;
  images: string | null;
  cancel_requested: Generated<number>;
  /** Kept up to date by every write of cells, so that lists of runs need not read them. */
  models: Generated<string>;
  /** See `figuresDigest`; null while it goes on. */
  figures_digest: string | null;
  /** When it was put out of the way; null where it is in lists. */
  archived_at: number | null;
  /** When it was deleted; it can be restored for a time. */
  deleted_at: number | null;
  /** A prediction, as its process last made it. */
  seconds_left: number | null;
}

export interface RunStepsTable {
  run_id: string;
  position: number;
  key: string;
  kind: string;
  label: string;
  /** The cells that it fills, a list of `RunStepCell`; null where an older version planned it, as the next. */
  cells: string | null;
  /** Positions of the steps that it waits for. */
  needs: string | null;
}

export interface StepsTable {
  /** Stands for the key in `instances`, where it would be repeated a million times. */
  id: Generated<number>;
  key: string;
  kind: string;
  label: string;
  output: string;
  seconds: number;
  finished_at: number;
  /** See `stepDigest`; null where an older version wrote it, as the next. */
  digest: string | null;
  /** See `instancesDigest`. */
  instances_digest: string | null;
  /** When it was found that it has to be done again; null where it stands. */
  damaged_at: number | null;
}

export interface StepArtifactsTable {
  step_id: number;
  position: number;
  name: string;
  extension: string;
  checksum: string;
  bytes: number;
}

export interface ClaimsTable {
  key: string;
  owner: string;
  expires_at: number;
}

export interface EventsTable {
  id: Generated<number>;
  run_id: string;
  at: number;
  type: string;
  step: string | null;
  event: string;
}

export interface CellsTable {
  run_id: string;
  seed: number;
  model: string;
  attack: string;
  mode: string;
  metric: string;
  unit: string;
  value: number;
  low: number;
  high: number;
  count: number;
  attack_step: string | null;
  evaluate_step: string;
}

export interface CurvesTable {
  run_id: string;
  seed: number;
  diagram: string;
  model: string;
  series: string;
  x: number;
  y: number;
}

export interface ModelsTable {
  run_id: string;
  seed: number;
  label: string;
  step: string;
  artifact: string;
  parents: string;
  parameters: number;
  engine: string;
  facts: string;
}

export interface InstancesTable {
  step_id: number;
  position: number;
  test_index: number;
  label: number;
  prediction_before: number;
  prediction_after: number;
  confidence_before: number;
  confidence_after: number;
  distortion: number;
  linf: number;
  iterations: number;
  /** The place in `OUTCOMES`. */
  outcome: number;
}

export interface JobsTable {
  id: Generated<number>;
  kind: string;
  request: string;
  state: string;
  owner: string | null;
  expires_at: number;
  created_at: number;
  finished_at: number | null;
  run_id: string | null;
  result: string | null;
  error: string | null;
}

export interface DocumentsTable {
  key: string;
  value: string;
  updated_at: number;
}

export interface RobustnessTable {
  run_id: string;
  model: string;
  mode: string;
  threat: string;
  seed: number;
  position: number;
  /** A RobustnessRecord. */
  value: string;
}

export interface RobustnessCurvesTable {
  run_id: string;
  model: string;
  mode: string;
  /** Norm and attack. */
  series: string;
  seed: number;
  position: number;
  /** A RobustnessCurveRecord. */
  value: string;
}

export interface FindingsTable {
  run_id: string;
  step: string;
  model: string;
  seed: number;
  /** Its place among those of its step. */
  place: number;
  position: number;
  /** A `FindingRecord` as JSON. */
  value: string;
}

export interface CertificatesTable {
  run_id: string;
  model: string;
  seed: number;
  position: number;
  /** A `CertificateRecord` as JSON. */
  value: string;
}

export interface StandingsTable {
  run_id: string;
  model: string;
  mode: string;
  /** Empty: whatever the distance. */
  threat: string;
  seed: number;
  /** Threats in the order of the plan, and what holds whatever the distance last. */
  position: number;
  /** Labels as a JSON list, sorted. */
  attacks: string;
  attacked: number;
  attackable: number;
  evaded: number;
  unmoved: number;
}

export interface WorkersTable {
  id: string;
  started_at: number;
  seen_at: number;
  /** When it ended in order. */
  ended_at: number | null;
  done: number;
  failed: number;
  /** What it has, a `WorkerMeans`. */
  has: string;
  /** The steps that it is at, a list of `WorkerStep`. */
  busy: string;
}

export interface TokensTable {
  name: string;
  /** The token's SHA-256. */
  hash: string;
  role: string;
  created_at: number;
}

export interface WritesTable {
  id: Generated<number>;
  at: number;
  author: string;
  action: string;
  subject: string;
}

export interface NotesTable {
  /** `run:` or `model:` with its identity. */
  subject: string;
  revision: number;
  text: string;
  author: string;
  at: number;
}

export interface ModelTagsTable {
  artifact: string;
  tag: string;
}

export interface ViewsTable {
  place: string;
  name: string;
  query: string;
  author: string;
  at: number;
}

export type Row<T extends keyof StoreSchema> = Selectable<StoreSchema[T]>;
export type NewRow<T extends keyof StoreSchema> = Insertable<StoreSchema[T]>;
