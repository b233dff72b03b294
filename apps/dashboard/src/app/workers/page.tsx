import type { WorkersOverview } from '@rampart/api';
import type { Metadata } from 'next';
import Link from 'next/link';

import { count, moment } from '@/components/format';
import { Empty } from '@/components/ui/empty';
import { FailureView } from '@/components/ui/failure';
import { PageHead } from '@/components/ui/page-head';
import { attempt, caller } from '@/server/api';

export const metadata: Metadata = { title: 'Workers' };

const GIB = 2 ** 30;
const HEAD = 'px-3 py-2 font-medium';

export default async function WorkersPage() {
  const loaded = await attempt(async () => (await caller()).workers.overview());
  if ('failure' in loaded) return <FailureView {...loaded.failure} />;
  const { shared, workers, kinds, dead } = loaded.data;
  const alive = workers.filter(({ state }) => state === 'alive').length;
  const waiting = kinds.reduce((sum, kind) => sum + kind.waiting, 0);
  return (
    <>
      <PageHead title="Workers">
        {shared
          ? `${count(alive, 'worker')} alive, ${count(waiting, 'step')} waiting${kinds
              .filter((kind) => kind.waiting > 0)
              .map((kind) => `, ${kind.waiting} of kind ${kind.kind}`)
              .join('')}`
          : 'This store is a folder, whose runs do their own steps'}
      </PageHead>
      {workers.length === 0 ? (
        <Empty icon="search" title="No workers yet">
          <p>A worker appears here as soon as “rampart worker” is started with a store on PostgreSQL.</p>
        </Empty>
      ) : (
        <WorkerTable workers={workers} />
      )}
      {dead.length > 0 && <DeadLetters dead={dead} />}
    </>
  );
}

function WorkerTable({ workers }: { readonly workers: WorkersOverview['workers'] }) {
  return (
    <div className="card overflow-x-auto" role="region" aria-label="Workers" tabIndex={0}>
      <table className="w-full text-[13px] sm:min-w-[640px]">
        <caption className="sr-only">Workers</caption>
        <thead>
          <tr className="border-b border-line text-left text-xs text-ink-3">
            {['Worker', 'State', 'At work on', 'Done', 'Failed', 'Has'].map((head) => (
              <th key={head} scope="col" className={HEAD}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {workers.map(({ id, state, startedAt, seenAt, done, failed, has, busy }) => (
            <tr key={id} className="align-top hover:bg-sunken/60">
              <th scope="row" className="px-3 py-2 text-left font-normal">
                <span className="font-semibold break-all">{id}</span>
                <div className="text-xs text-ink-3">since {moment(startedAt)}</div>
              </th>
              <td className="px-3 py-2">
                {state}
                {state !== 'alive' && <div className="text-xs text-ink-3">heard of {moment(seenAt)}</div>}
              </td>
              <td className="px-3 py-2">
                {busy.length === 0 ? '–' : null}
                {busy.map((step) => (
                  <div key={step.key}>
                    {state === 'lost' && 'lost: '}
                    {step.label} <span className="text-xs text-ink-3">since {moment(step.since)}</span>
                  </div>
                ))}
              </td>
              <td className="figures px-3 py-2">{done}</td>
              <td className="figures px-3 py-2">{failed}</td>
              <td className="px-3 py-2 text-xs text-ink-2">
                {count(has.threads, 'thread')} of {count(has.cores, 'core')}, {Math.round(has.memory / GIB)} GiB,{' '}
                {has.processor}; {has.engine}; {has.version}
                {has.kinds.length > 0 && `; takes ${has.kinds.join(', ')} only`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function DeadLetters({ dead }: { readonly dead: WorkersOverview['dead'] }) {
  return (
    <section className="mt-6">
      <h2 className="mb-2 font-semibold">Dead letters: steps that failed again and again</h2>
      <ul className="card divide-y divide-line text-[13px]">
        {dead.map(({ key, label, run, at, failures }) => (
          <li key={key} className="px-3 py-2">
            <Link href={`/runs/${run}`} className="font-semibold hover:text-accent hover:underline">
              {label}
            </Link>{' '}
            <span className="text-xs text-ink-3">{moment(at)}</span>
            {failures.map(({ worker, message }, index) => (
              <div key={index} className="text-ink-2">
                {worker}: {message}
              </div>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}
