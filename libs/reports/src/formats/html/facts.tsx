import type { Report } from '../../report/read-report';

/** What a run is, in a few lines. */
export function Facts({ run }: { readonly run: Report['run'] }) {
  const facts = [
    ['dataset', run.dataset],
    [run.seeds.length === 1 ? 'seed' : 'seeds', run.seeds.join(', ')],
    ['engine', run.engine],
    ['run', `${run.id} (${run.state})`],
    ['started', new Date(run.startedAt).toISOString().slice(0, 16).replace('T', ' ')],
    ...(run.finishedAt === undefined ? [] : [['took', duration(run.finishedAt - run.startedAt)]]),
  ];
  return (
    <dl>
      {facts.map(([name, value]) => (
        <div key={name} style={{ display: 'contents' }}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
