import 'server-only';

import { createCaller, withoutPaths } from '@rampart/api';
import { dehydrate, QueryClient } from '@tanstack/react-query';
import { createTRPCOptionsProxy } from '@trpc/tanstack-react-query';
import { appRouter } from '@rampart/api';
import { cache } from 'react';

import { queryClientOptions } from '@/client/query-client';

import { store } from './store';

/** One client a request: what it fetched is handed to the browser with the page. */
export const queryClient = cache(() => new QueryClient(queryClientOptions()));

/** The API's queries for prefetching in server components; no request leaves the process. */
export const api = createTRPCOptionsProxy({
  router: appRouter,
  ctx: async () => ({ store: await store() }),
  queryClient,
});

/** Calls the API in this process. */
export async function caller() {
  return createCaller({ store: await store() });
}

export function dehydrated() {
  return dehydrate(queryClient());
}

/** What a page shows instead of its data. */
export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** The outcome of what a page needs, where a failure is something to show. */
export async function attempt<T>(work: () => Promise<T>): Promise<{ data: T } | { failure: Failure }> {
  try {
    return { data: await work() };
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: unknown };
    return {
      failure: { code: String(code ?? 'INTERNAL_SERVER_ERROR'), message: withoutPaths(String(message ?? error)) },
    };
  }
}
