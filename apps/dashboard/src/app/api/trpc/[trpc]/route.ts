import { handleRequest } from '@rampart/api';

import { store } from '@/server/store';

function handler(request: Request): Promise<Response> {
  return handleRequest(request, {
    endpoint: '/api/trpc',
    store,
    onError: (error) => console.error(error),
  });
}

export { handler as GET, handler as POST };
