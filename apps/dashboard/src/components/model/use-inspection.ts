'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { useTRPC } from '@/client/trpc';

const POLL_MS = 700;

/** What is in a model file: from the store, or as soon as the trainer's process has found it out. */
export function useInspection(artifact: string | undefined) {
  const trpc = useTRPC();
  const [jobId, setJobId] = useState<number>();
  const job = useJob(jobId);
  const waiting = job !== undefined && (job.state === 'queued' || job.state === 'running');
  const { data } = useQuery(
    trpc.swapIn.inspection.queryOptions(
      { artifact: artifact ?? '' },
      {
        enabled: artifact !== undefined,
        refetchInterval: ({ state }) => (state.data || !(waiting || job?.state === 'done') ? false : POLL_MS),
      },
    ),
  );
  const mutation = useMutation(trpc.models.inspect.mutationOptions({ onSuccess: (result) => setJobId(result.job) }));
  return {
    inspection: data ?? undefined,
    job: data ? undefined : job,
    starting: mutation.isPending,
    error: mutation.error,
    start: () => {
      if (artifact !== undefined) mutation.mutate({ artifact });
    },
  };
}

/** A job as it goes on; undefined before it is known. */
export function useJob(id: number | undefined) {
  const trpc = useTRPC();
  const { data } = useQuery(
    trpc.swapIn.job.queryOptions(
      { id: id ?? 1 },
      {
        enabled: id !== undefined,
        refetchInterval: ({ state }) =>
          state.data?.state === 'done' || state.data?.state === 'failed' ? false : POLL_MS,
      },
    ),
  );
  return id === undefined ? undefined : data;
}
