import { notFound } from 'next/navigation';

import { FailureView } from '@/components/ui/failure';
import type { Failure } from '@/server/api';

/** What a page of a run shows instead of it: of one that was deleted while its pages were open, that it is gone. */
export function RunFailure(failure: Failure) {
  if (failure.code === 'NOT_FOUND') notFound();
  return <FailureView {...failure} />;
}
