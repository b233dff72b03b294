'use client';

import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import { useCallback, useTransition } from 'react';

/** The address is where a page keeps its state: changes it in place, so that it can be sent to somebody. */
export function useSearchState() {
  const router = useRouter();
  const pathname = usePathname();
  const params = useSearchParams();
  const [pending, startTransition] = useTransition();
  const set = useCallback(
    (changes: Readonly<Record<string, string | undefined>>, options: { push?: boolean } = {}) => {
      const next = new URLSearchParams(params);
      for (const [key, value] of Object.entries(changes)) {
        if (value === undefined || value === '') next.delete(key);
        else next.set(key, value);
      }
      const query = next.toString();
      const address = query === '' ? pathname : `${pathname}?${query}`;
      startTransition(() => router[options.push ? 'push' : 'replace'](address, { scroll: false }));
    },
    [params, pathname, router],
  );
  return { params, set, pending };
}

/** The address of this page with some of its state changed, for links. */
export function withParams(
  pathname: string,
  params: { toString(): string },
  changes: Readonly<Record<string, string | undefined>>,
): string {
  const next = new URLSearchParams(params.toString());
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) next.delete(key);
    else next.set(key, value);
  }
  const query = next.toString();
  return query === '' ? pathname : `${pathname}?${query}`;
}
