import { metrics } from '@rampart/api';

import { store } from '@/server/store';

/** For Prometheus. */
export async function GET(): Promise<Response> {
  try {
    return new Response(await metrics(await store()), { headers: { 'content-type': 'text/plain; version=0.0.4' } });
  } catch (error) {
    console.error(error);
    return new Response('The store cannot be read.\n', { status: 503 });
  }
}
