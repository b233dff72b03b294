'use client';

import type { AppRouter } from '@rampart/api';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createTRPCClient, httpBatchLink, httpSubscriptionLink, splitLink } from '@trpc/client';
import { createTRPCContext } from '@trpc/tanstack-react-query';
import { type ReactNode, useState } from 'react';
import superjson from 'superjson';

import { queryClientOptions } from './query-client';

const { TRPCProvider, useTRPC, useTRPCClient } = createTRPCContext<AppRouter>();

export { useTRPC, useTRPCClient };

const URL = '/api/trpc';

/** Gives the pages the API: queries in batches, subscriptions over server-sent events. */
export function ApiProvider({ children }: { readonly children: ReactNode }) {
  const [queryClient] = useState(() => new QueryClient(queryClientOptions()));
  const [client] = useState(() =>
    createTRPCClient<AppRouter>({
      links: [
        splitLink({
          condition: (operation) => operation.type === 'subscription',
          true: httpSubscriptionLink({ url: URL, transformer: superjson }),
          false: httpBatchLink({ url: URL, transformer: superjson, maxURLLength: 8000 }),
        }),
      ],
    }),
  );
  return (
    <QueryClientProvider client={queryClient}>
      <TRPCProvider trpcClient={client} queryClient={queryClient}>
        {children}
      </TRPCProvider>
    </QueryClientProvider>
  );
}
