import { queueState, type Store } from '@rampart/results';

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What Prometheus may ask of a store, in its text format: steps that wait, are under way and were done, and workers. */
export async function metrics(store: Store): Promise<string> {
  const [workers, queue, durations, running] = await Promise.all([
    store.workers.list(),
    queueState(store.server),
    store.steps.durations(),
    store.runs.list({ state: 'running', limit: 1 }),
  ]);
  const done = new Map<string, { count: number; seconds: number }>();
  for (const { kind, seconds, count } of durations) {
    const sum = done.get(kind) ?? { count: 0, seconds: 0 };
    done.set(kind, { count: sum.count + count, seconds: sum.seconds + count * seconds });
  }
  const byKind = (value: (one: { waiting: number; active: number }) => number): Sample[] =>
    (queue?.kinds ?? []).map(({ kind, ...one }) => ({ labels: { kind }, value: value(one) }));
  const finished = [...done].sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    metric('rampart_runs_running', 'gauge', 'Runs that go on.', [{ labels: {}, value: running.total }]),
    metric(
      'rampart_steps_waiting',
      'gauge',
      'Steps that wait for a worker.',
      byKind(({ waiting }) => waiting),
    ),
    metric(
      'rampart_steps_active',
      'gauge',
      'Steps that workers are at.',
      byKind(({ active }) => active),
    ),
    metric('rampart_steps_dead', 'gauge', 'Steps among the dead letters, at most 100.', [
      { labels: {}, value: queue?.dead.length ?? 0 },
    ]),
    metric(
      'rampart_steps_stored',
      'gauge',
      'Finished steps in the store.',
      finished.map(([kind, { count }]) => ({ labels: { kind }, value: count })),
    ),
    metric(
      'rampart_step_seconds_stored',
      'gauge',
      'Seconds that the finished steps in the store took.',
      finished.map(([kind, { seconds }]) => ({ labels: { kind }, value: seconds })),
    ),
    metric(
      'rampart_workers',
      'gauge',
      'Workers by state.',
      ['alive', 'lost', 'ended'].map((state) => ({
        labels: { state },
        value: workers.filter((worker) => worker.state === state).length,
      })),
    ),
    metric('rampart_workers_busy', 'gauge', 'Steps that workers alive say that they are at.', [
      {
        labels: {},
        value: workers.filter(({ state }) => state === 'alive').reduce((sum, { busy }) => sum + busy.length, 0),
      },
    ]),
  ].join('');
}

function metric(name: string, type: string, help: string, samples: readonly Sample[]): string {
  const lines = samples.map(({ labels, value }) => {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}="${text.replace(/["\\\n]/g, '_')}"`);
    return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}
