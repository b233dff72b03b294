'use client';

import { useEffect, useState } from 'react';

import { Icon } from '../icon';

interface Job {
  readonly state: 'queued' | 'running' | 'done' | 'failed';
  readonly error: string | undefined;
}

/** A job that nobody takes for this long waits for a process that is not there. */
const PATIENCE_MS = 5_000;

/** How a job is doing, in words. */
export function JobNotice({ job, doing }: { readonly job: Job; readonly doing: string }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (job.state !== 'queued') return undefined;
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [job.state]);
  if (job.state === 'failed') {
    return (
      <p
        role="alert"
        className="flex items-start gap-2 rounded-lg bg-bad-soft px-3 py-2 text-[13px] whitespace-pre-line text-bad"
      >
        <Icon name="alert" size={15} className="mt-0.5 shrink-0" />
        <span className="min-w-0 break-words">{job.error ?? 'It failed.'}</span>
      </p>
    );
  }
  return (
    <p role="status" className="flex items-start gap-2 rounded-lg bg-sunken px-3 py-2 text-[13px] text-ink-2">
      <Icon name="clock" size={15} className="mt-0.5 shrink-0" />
      {late ? (
        <span>
          Waiting for a process to do this. Keep <code className="font-mono text-xs">npx rampart dashboard</code>{' '}
          running; nothing is lost meanwhile.
        </span>
      ) : (
        <span>{job.state === 'queued' ? 'Waiting for its turn…' : `${doing}…`}</span>
      )}
    </p>
  );
}
