import { defaultShouldDehydrateQuery, type QueryClientConfig } from '@tanstack/react-query';
import superjson from 'superjson';

/** The same on both sides, so that what the server prefetched is fresh in the browser. */
export function queryClientOptions(): QueryClientConfig {
  return {
    defaultOptions: {
      queries: { staleTime: 10_000, retry: 1, refetchOnWindowFocus: true },
      dehydrate: {
        serializeData: superjson.serialize,
        shouldDehydrateQuery: (query) => defaultShouldDehydrateQuery(query) || query.state.status === 'pending',
      },
      hydrate: { deserializeData: superjson.deserialize },
    },
  };
}
