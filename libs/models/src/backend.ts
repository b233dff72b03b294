import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';

/** Makes sure that tfjs has a backend: the one that was chosen, else plain JavaScript, which builds models anywhere. */
export async function readyBackend(): Promise<void> {
  // Keeps tfjs from advertising its native backend on every start.
  tf.env().set('PROD', true);
  if (!tf.getBackend()) await tf.setBackend('cpu');
  await tf.ready();
}
