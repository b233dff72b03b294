import type { StoreServer } from './store-server';

/** The queue of steps that nobody could do. */
export const DEAD_LETTERS = 'dead-steps';

/** Dead letters that are shown at most. */
const MOST = 100;

/** How a step failed, and where. */
export interface StepFailure {
  readonly worker: string;
  readonly message: string;
}

/** A step that nobody could do. */
export interface DeadLetter {
  readonly key: string;
  readonly kind: string;
  readonly label: string;
  /** The run that asked for it first. */
  readonly run: string;
  readonly at: number;
  readonly failures: readonly StepFailure[];
}

/** How much is waiting for workers. */
export interface QueueState {
  /** Steps by kind of step. */
  readonly kinds: readonly { readonly kind: string; readonly waiting: number; readonly active: number }[];
  readonly dead: readonly DeadLetter[];
}

/** The schema that the queue of a store has beside the store's. */
export function queueSchema({ schema }: StoreServer): string {
  return `${schema.replace(/\W/g, '_')}_queue`;
}

/** What the queue of a store holds; undefined where it has none, as a folder or a store that no run was asked of. */
export async function queueState(server: StoreServer | undefined): Promise<QueueState | undefined> {
  if (!server) return undefined;
  const schema = queueSchema(server);
  const { rows: there } = await server.executeSql('select to_regclass($1) is not null as there', [`${schema}.job`]);
  if (!there[0]!['there']) return undefined;
  const { rows: kinds } = await server.executeSql(
    `select data ->> 'kind' as kind, count(*) filter (where state < 'active') as waiting,
       count(*) filter (where state = 'active') as active
     from ${schema}.job where state <= 'active' and name <> $1 and name like 'steps-%' group by 1 order by 1`,
    [DEAD_LETTERS],
  );
  const { rows: dead } = await server.executeSql(
    `select extract(epoch from created_on)::double precision * 1000 as at, data
     from ${schema}.job where name = $1 order by created_on desc limit ${MOST}`,
    [DEAD_LETTERS],
  );
  return {
    kinds: kinds as unknown as QueueState['kinds'],
    dead: (dead as { at: number; data: Omit<DeadLetter, 'at'> }[]).map(({ at, data }) => ({
      at: Math.round(at),
      ...{ key: data.key, kind: data.kind, label: data.label, run: data.run, failures: data.failures },
    })),
  };
}
