import { inputGradient, noteGradient, openClassifier } from '@rampart/models';

import type { Example, Network } from './load-zoo';

/** The gradient of the summed cross-entropy by the input of a network, or by the value that is attacked. */
export async function gradientOf(network: Network, file: Uint8Array, { shape, input, labels }: Example) {
  if (network.gradient === 'straight-through') {
    const classifier = await openClassifier(noteGradient(file, 'straight-through'));
    try {
      return await classifier.lossGradient(input, labels, 'cross-entropy');
    } finally {
      await classifier.dispose();
    }
  }
  return inputGradient(file, {
    input: { shape, data: input },
    labels,
    loss: 'cross-entropy',
    ...(network.attackAt && { attackAt: network.attackAt }),
    ...(network.output && { output: network.output }),
  });
}
