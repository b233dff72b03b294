'use client';

import { useRouter } from 'next/navigation';
import { useEffect } from 'react';

import { JobNotice } from '@/components/model/job-notice';
import { useInspection } from '@/components/model/use-inspection';

/** Asks for what a model is made of, which the trainer's process finds out. */
export function InspectButton({ artifact }: { readonly artifact: string }) {
  const router = useRouter();
  const { inspection, job, start, starting } = useInspection(artifact);
  useEffect(() => {
    if (inspection) router.refresh();
  }, [inspection, router]);
  return (
    <section aria-labelledby="inside" className="card p-4 text-[13px]">
      <h2 id="inside" className="text-sm font-semibold">
        What it is made of
      </h2>
      <p className="mt-1 mb-3 text-ink-2">Its operators, their gradients and its graph are not in the store yet.</p>
      {job ? (
        <JobNotice job={job} doing="Inspecting the file" />
      ) : (
        <button type="button" className="button" disabled={starting} onClick={start}>
          Inspect it
        </button>
      )}
    </section>
  );
}
