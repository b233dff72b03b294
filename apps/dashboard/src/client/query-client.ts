import type { QueryClientConfig } from '@tanstack/react-query';
import superjson from 'superjson';

/** The same on both sides, so that what the server prefetched is fresh in the browser. */
export function queryClientOptions(): QueryClientConfig {
  return {
    defaultOptions: {
      queries: { staleTime: 10_000, retry: 1, refetchOnWindowFocus: true },
      // Only what has come: a query that a layout handed over as pending would be pending in the page's own HTML too.
      dehydrate: { serializeData: superjson.serialize },
      hydrate: { deserializeData: superjson.deserialize },
    },
  };
}
