import { readModel } from '@rampart/onnx';

import { type ModelCard, readCard } from './model-card';

/** What an ONNX file says about itself; nothing, if another program wrote it. @throws RampartError `bad-model` */
export function cardOf(model: Uint8Array): Partial<ModelCard> {
  return readCard(readModel(model).metadata);
}
