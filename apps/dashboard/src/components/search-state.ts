'use client';

import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import { startTransition, useCallback, useMemo, useOptimistic } from 'react';

/**
 * The address is where a page keeps its state: changes it in place, so that it can be sent to somebody.
 * @param local for a page that has, or asks for, all that it shows in the browser: the server does not draw it anew
 */
export function useSearchState({ local = false }: { readonly local?: boolean } = {}) {
  const router = useRouter();
  const pathname = usePathname();
  const address = useSearchParams().toString();
  // What was chosen shows at once, while the server still works on the page for it.
  const [shown, show] = useOptimistic(address);
  const params = useMemo(() => new URLSearchParams(shown), [shown]);
  const set = useCallback(
    (changes: Readonly<Record<string, string | undefined>>, options: { push?: boolean } = {}) => {
      const next = new URLSearchParams(params);
      for (const [key, value] of Object.entries(changes)) {
        if (value === undefined || value === '') next.delete(key);
        else next.set(key, value);
      }
      const query = next.toString();
      const target = query === '' ? pathname : `${pathname}?${query}`;
      startTransition(() => {
        show(query);
        if (local) window.history[options.push ? 'pushState' : 'replaceState'](null, '', target);
        else router[options.push ? 'push' : 'replace'](target, { scroll: false });
      });
    },
    [params, pathname, router, show, local],
  );
  return { params, set };
}
