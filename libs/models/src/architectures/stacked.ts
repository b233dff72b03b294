import { defineArchitecture } from '../architecture';
import { autoencoderParams, reconstruction } from './autoencoder';
import { lenet5Logits, lenet5Params } from './lenet5';

export const stacked = defineArchitecture({
  name: 'stacked',
  summary: 'The autoencoder in front of LeNet-5, as one model with the outputs `reconstruction` and `logits`.',
  source: 'Chen, Li, Vorobeychik, Evaluation of Defensive Methods for DNNs against Multiple Adversarial Evasion Models',
  version: 1,
  params: autoencoderParams.extend(lenet5Params.shape),
  stackOf: ['autoencoder', 'lenet5'],
  async build(settings, context) {
    const tf = await import('@tensorflow/tfjs-layers');
    const input = tf.input({ shape: [context.shape.height, context.shape.width, context.shape.channels] });
    const cleaned = reconstruction(tf, input, settings, context);
    const logits = lenet5Logits(tf, cleaned, settings, context);
    return tf.model({ inputs: input, outputs: [cleaned, logits], name: 'stacked' });
  },
});
