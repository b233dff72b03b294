'use client';

import type { CheckedExperiment } from '@rampart/api';
import { useEffect, useState } from 'react';

import { useTRPCClient } from '@/client/trpc';

/** A pause in typing after which the text is looked at. */
const PAUSE_MS = 350;
const POLL_MS = 150;
/** After that it is said that nobody seems to check. It is asked on, less often: a machine may just be slow. */
const PATIENCE_MS = 8_000;
const LATE_POLL_MS = 1_000;

export type Check = CheckedExperiment | { readonly waiting: true } | { readonly unchecked: string };

/** What the trainer's process says of an experiment, as it is typed. */
export function useCheck(text: string): Check {
  const client = useTRPCClient();
  const [check, setCheck] = useState<Check>({ waiting: true });
  useEffect(() => {
    const abort = new AbortController();
    const { signal } = abort;
    const tell = (found: Check) => !signal.aborted && setCheck(found);
    const look = async () => {
      const asked = await client.experiments.check.mutate({ text }, { signal });
      if ('problem' in asked) return tell(asked as CheckedExperiment);
      for (const late = Date.now() + PATIENCE_MS; !signal.aborted;) {
        await new Promise((done) => setTimeout(done, Date.now() < late ? POLL_MS : LATE_POLL_MS));
        const found = await client.experiments.checked.query({ job: asked.job! }, { signal });
        if (found) return tell(found);
        if (Date.now() > late) tell({ unchecked: 'Nobody checks it: keep npx rampart dashboard running.' });
      }
    };
    const timer = setTimeout(() => {
      if (text.trim() === '') return setCheck({ problem: 'There is nothing here yet.' });
      look().catch((error: unknown) => tell({ unchecked: error instanceof Error ? error.message : 'Not checked.' }));
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [client, text]);
  return check;
}
