import Link from 'next/link';

import { moment } from '@/components/format';
import { FailureView } from '@/components/ui/failure';
import { attempt, caller } from '@/server/api';

/** What there is instead of a run that is not there. */
export default async function RunNotFound() {
  const loaded = await attempt(async () => (await caller()).runs.list({ perPage: 5 }));
  const runs = 'data' in loaded ? loaded.data.runs : [];
  return (
    <FailureView
      code="NOT_FOUND"
      message="There is no such run. It may have been deleted, or belong to another store. A run is found by its identity, the beginning of it, or the six digits at its end."
    >
      {runs.length > 0 && (
        <div className="text-[13px]">
          <p className="text-ink-3">The latest that there are:</p>
          <ul>
            {runs.map(({ id, name, startedAt }) => (
              <li key={id}>
                <Link href={`/runs/${id}`} className="link">
                  {name}
                </Link>{' '}
                <span className="figures text-ink-3">
                  {id.slice(-6)}, {moment(startedAt)}
                </span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </FailureView>
  );
}
