'use client';

import { Empty } from '@/components/ui/empty';

export default function PageError({ error, reset }: { readonly error: Error; readonly reset: () => void }) {
  return (
    <Empty tone="bad" title="Something failed">
      <p className="break-words">{error.message}</p>
      <button type="button" className="button" onClick={reset}>
        Try again
      </button>
    </Empty>
  );
}
