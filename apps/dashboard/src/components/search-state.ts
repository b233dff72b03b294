'use client';

import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import { useCallback, useMemo, useOptimistic, useTransition } from 'react';

/** The address is where a page keeps its state: changes it in place, so that it can be sent to somebody. */
export function useSearchState() {
  const router = useRouter();
  const pathname = usePathname();
  const address = useSearchParams().toString();
  // What was chosen shows at once, while the server still works on the page for it.
  const [shown, show] = useOptimistic(address);
  const params = useMemo(() => new URLSearchParams(shown), [shown]);
  const [pending, startTransition] = useTransition();
  const set = useCallback(
    (changes: Readonly<Record<string, string | undefined>>, options: { push?: boolean } = {}) => {
      const next = new URLSearchParams(params);
      for (const [key, value] of Object.entries(changes)) {
        if (value === undefined || value === '') next.delete(key);
        else next.set(key, value);
      }
      const query = next.toString();
      startTransition(() => {
        show(query);
        router[options.push ? 'push' : 'replace'](query === '' ? pathname : `${pathname}?${query}`, { scroll: false });
      });
    },
    [params, pathname, router, show],
  );
  return { params, set, pending };
}
