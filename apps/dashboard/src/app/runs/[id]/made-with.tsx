'use client';

import type { MadeWith } from '@rampart/api';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { useTRPC } from '@/client/trpc';

const KINDS: Readonly<Record<string, string>> = {
  train: 'Architecture',
  import: 'Model file',
  ensemble: 'Ensemble',
  harden: 'Defense',
  attack: 'Attack',
  evaluate: 'Metrics',
  'worst-case': 'Worst case',
  robustness: 'Robustness',
};

/** Versions of the components that results were made with. */
export function Versions({ of }: { readonly of: readonly MadeWith[] }) {
  return (
    <dl className="figures grid grid-cols-[auto_1fr] gap-x-4 gap-y-0.5 text-[13px]">
      {of.map(({ kind, versions }) => {
        const { core, ...own } = versions;
        const names = Object.entries(own).map(([name, version]) => `${name} ${version}`);
        return (
          <div key={kind} className="contents">
            <dt className="text-ink-3">{KINDS[kind] ?? kind}</dt>
            <dd className="min-w-0 break-words">
              {names.length === 0 && core === undefined ? (
                <span className="text-ink-3">not recorded by the version that made it</span>
              ) : (
                <>
                  {names.join(', ')} <span className="text-ink-3">(core {core})</span>
                </>
              )}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

/** The versions behind all results of a run, for whoever asks. */
export function RunVersions({ id }: { readonly id: string }) {
  const trpc = useTRPC();
  const [open, setOpen] = useState(false);
  const { data, error } = useQuery(trpc.runs.madeWith.queryOptions({ id }, { enabled: open }));
  return (
    <details className="card" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="px-4 py-2.5 text-sm font-semibold hover:bg-sunken/60">
        Versions that made these results
      </summary>
      <div className="border-t border-line px-4 py-3">
        {error && <p className="text-[13px] text-bad">{error.message}</p>}
        {open && !data && !error && <div className="skeleton h-16" />}
        {data && <Versions of={data} />}
      </div>
    </details>
  );
}
