import type { Store } from '@rampart/results';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';

import { appRouter } from './router';

/** Answers a request to the API, over whichever server received it. */
export function handleRequest(
  request: Request,
  options: {
    readonly endpoint: string;
    readonly store: () => Promise<Store>;
    readonly onError?: (error: unknown) => void;
  },
): Promise<Response> {
  const { endpoint, onError } = options;
  return fetchRequestHandler({
    endpoint,
    req: request,
    router: appRouter,
    createContext: async () => ({ store: await options.store(), ...(onError && { onError }) }),
  });
}
