'use client';

import type { ThreatTable } from '@rampart/api';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';

import { useTRPC } from '@/client/trpc';
import { Empty } from '@/components/ui/empty';

import { Findings } from '../findings';
import { RunVersions } from '../made-with';
import { Standing } from '../standing';
import { useRun } from '../use-run';
import { ThreatSection } from './threat-section';

/** How the models of a run withstand its threats. */
export function RobustnessView({ id }: { readonly id: string }) {
  const trpc = useTRPC();
  const run = useRun(id).data?.run;
  const { data, error } = useQuery(trpc.robustness.threats.queryOptions({ id }));
  const { data: standings = [] } = useQuery(trpc.runs.standings.queryOptions({ id }));
  if (error)
    return (
      <Empty tone="bad" title="The figures cannot be read">
        {error.message}
      </Empty>
    );
  if (!data) return null;
  if (data.length === 0) {
    const ended = run !== undefined && run.state !== 'running';
    return (
      <Empty icon="clock" title={ended ? 'Nothing was measured' : 'Nothing measured yet'}>
        {ended
          ? 'The run stopped before all attacks on a model had ended. The log tells how far it came.'
          : 'How a model withstands the threats appears here as soon as all attacks on it have ended.'}
        <Link href={`/runs/${id}/matrix`} className="button">
          What single attacks did
        </Link>
      </Empty>
    );
  }
  const threats = byThreat(data);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      {threats.map(([{ threat, mode }]) =>
        standings
          .filter((one) => one.threat === threat && one.mode === mode)
          .map((one) => <Standing key={threat} table={one} />),
      )}
      <Findings id={id} />
      {threats.map((tables) => (
        <ThreatSection key={tables[0].threat} id={id} tables={tables} />
      ))}
      <RunVersions id={id} />
    </div>
  );
}

/** The tables of one threat, at least one: adaptive before static. */
export type ThreatTables = readonly [ThreatTable, ...ThreatTable[]];

function byThreat(tables: readonly ThreatTable[]): ThreatTables[] {
  const threats = [...new Set(tables.map(({ threat }) => threat))];
  return threats.map((threat) => tables.filter((table) => table.threat === threat) as unknown as ThreatTables);
}
