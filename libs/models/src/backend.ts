import type * as tfjs from '@tensorflow/tfjs-core';

/** tfjs-core, which takes long to load. */
export type Tfjs = typeof tfjs;

/** Loads tfjs, with a backend: the one that was chosen, else plain JavaScript, which builds models anywhere. */
export async function readyTfjs(): Promise<Tfjs> {
  const tf = await import('@tensorflow/tfjs-core');
  // Keeps tfjs from advertising its native backend on every start.
  tf.env().set('PROD', true);
  if (!tf.getBackend()) {
    await import('@tensorflow/tfjs-backend-cpu');
    await tf.setBackend('cpu');
  }
  await tf.ready();
  return tf;
}
