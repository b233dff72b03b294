import type { Store } from '@rampart/results';

import { notFound } from './trpc';

/** @throws TRPCError `NOT_FOUND` when the store has no such model, or not as it was brought */
export async function uploaded(store: Store, artifact: string): Promise<void> {
  const fault = await store.artifacts.fault({ checksum: artifact, extension: 'onnx' });
  if (fault !== undefined) throw notFound(`${fault}. Bring the model to the store again.`);
}
