import type { Store } from '@rampart/results';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';

import { limited } from './limited-body';
import { appRouter } from './router';
import type { Visitor } from './trpc';

/** Answers a request to the API, over whichever server received it. */
export async function handleRequest(
  request: Request,
  options: {
    readonly endpoint: string;
    readonly store: () => Promise<Store>;
    readonly visitor?: Visitor | undefined;
    readonly onError?: (error: unknown) => void;
  },
): Promise<Response> {
  const { endpoint, onError, visitor } = options;
  const taken = await limited(request);
  if (taken instanceof Response) return taken;
  return fetchRequestHandler({
    endpoint,
    req: taken,
    router: appRouter,
    createContext: async () => ({ store: await options.store(), visitor, ...(onError && { onError }) }),
  });
}
