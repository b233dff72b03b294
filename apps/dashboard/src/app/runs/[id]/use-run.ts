'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useSubscription } from '@trpc/tanstack-react-query';
import { useRouter } from 'next/navigation';
import { useState } from 'react';

import { useTRPC } from '@/client/trpc';

/** More lines of the log than anybody reads on. */
const LOG_LENGTH = 400;

/** How often a run is asked after whose process has died, in case another goes on with it. */
const INTERRUPTED_MS = 3_000;

/** A run as it was when the page was made. */
export function useRun(id: string) {
  const trpc = useTRPC();
  return useQuery(
    trpc.runs.get.queryOptions(
      { id },
      { refetchInterval: ({ state }) => (state.data?.run.state === 'interrupted' ? INTERRUPTED_MS : false) },
    ),
  );
}

/** Keeps a running run up to date from its events; to be used once on a page. */
export function useLiveRun(id: string) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const router = useRouter();
  const { data, error } = useRun(id);
  const running = data?.run.state === 'running';
  // Where the page came in: what follows keeps its own place, and a place that moved would be a new subscription.
  const [from] = useState(data?.log.at(-1)?.id ?? 0);
  const subscription = useSubscription(
    trpc.runs.events.subscriptionOptions(
      { id, lastEventId: from },
      {
        enabled: running,
        onData: ({ data: { run, progress, events } }) => {
          client.setQueryData(trpc.runs.get.queryKey({ id }), (old) => {
            if (!old) return old;
            const known = new Set(old.log.map((entry) => entry.id));
            const log = [...old.log, ...events.filter((entry) => !known.has(entry.id))].slice(-LOG_LENGTH);
            return { ...old, run: { ...old.run, ...run }, progress, log };
          });
          // Only now is its plan known, and with it what its pages are about.
          if (events.some(({ event }) => event.type === 'run-started')) {
            void client.invalidateQueries({ queryKey: trpc.runs.get.queryKey({ id }) });
            router.refresh();
          }
          // The end of a run, which ends this too, changes everything, and a finished step may have filled cells.
          if (run.state !== 'running') void client.invalidateQueries();
          else if (events.some(({ event }) => event.type === 'step-finished')) {
            void client.invalidateQueries({ queryKey: trpc.runs.matrix.queryKey() });
            void client.invalidateQueries({ queryKey: trpc.runs.standings.queryKey() });
            void client.invalidateQueries({ queryKey: trpc.runs.findings.queryKey() });
            void client.invalidateQueries({ queryKey: trpc.runs.cell.queryKey() });
            void client.invalidateQueries({ queryKey: trpc.robustness.pathKey() });
          }
        },
      },
    ),
  );
  return { data, error, connection: running ? subscription.status : undefined };
}
