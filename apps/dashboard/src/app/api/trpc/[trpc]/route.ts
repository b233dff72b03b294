import { handleRequest } from '@rampart/api';

import { store } from '@/server/store';
import { visitorIn } from '@/server/token';

function handler(request: Request): Promise<Response> {
  return handleRequest(request, {
    endpoint: '/api/trpc',
    store,
    visitor: visitorIn(request.headers),
    onError: (error) => console.error(error),
  });
}

export { handler as GET, handler as POST };
