'use client';

import { useMutation } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useEffect } from 'react';

import { useTRPC } from '@/client/trpc';
import { Icon } from '@/components/icon';
import { JobNotice } from '@/components/model/job-notice';
import { useJob } from '@/components/model/use-inspection';
import { ForWriters } from '@/components/visitor';

/** A hardened model as the file that takes the place of the one that somebody brought. */
export function HardenedFile(props: {
  readonly artifact: string;
  /** What the file is called that it was made from. */
  readonly origin: string;
  /** Undefined where it is not written yet. */
  readonly written: { readonly note?: string | undefined } | undefined;
}) {
  const { artifact, origin, written } = props;
  const trpc = useTRPC();
  const router = useRouter();
  const write = useMutation(trpc.models.writeBack.mutationOptions());
  const job = useJob(write.data?.job);
  const done = job?.state === 'done';
  useEffect(() => {
    if (done) router.refresh();
  }, [done, router]);
  return (
    <section aria-labelledby="hardened" className="card p-4 text-[13px]">
      <h2 id="hardened" className="text-sm font-semibold">
        Hardened file
      </h2>
      <p className="mt-1 mb-3 text-ink-2">
        It takes what {origin} takes and gives what that gives, and so can take its place. The model that figures are of
        gives logits instead.
      </p>
      {written ? (
        <>
          <a href={`/api/models/${artifact}?form=original`} className="button" data-primary download>
            <Icon name="download" size={13} /> Download the hardened file
          </a>
          {written.note && <p className="mt-2 text-ink-2">{written.note}</p>}
        </>
      ) : (
        <ForWriters>
          {write.error && (
            <p role="alert" className="mb-2 rounded-lg bg-bad-soft px-3 py-2 text-bad">
              {write.error.message}
            </p>
          )}
          {job ? (
            <JobNotice job={job} doing="Writing the file" />
          ) : (
            <button
              type="button"
              className="button"
              disabled={write.isPending}
              onClick={() => write.mutate({ artifact })}
            >
              Write the hardened file
            </button>
          )}
        </ForWriters>
      )}
    </section>
  );
}
