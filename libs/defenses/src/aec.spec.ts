import { attacks } from '@rampart/attacks';
import { Rng } from '@rampart/core';
import { float32Tensor, readModel, Session } from '@rampart/onnx';
import { describeDefense } from '@rampart/testing';

import { defenseArena } from './defense-arena.kit';
import { aec } from './aec';
import { RECONSTRUCTION } from './autoencoder-defense';

const PARAMS = { attack: 'fgs(epsilon=0.4)', epochs: 2, batchSize: 16 };

describeDefense(aec, defenseArena({ ...PARAMS, epochs: 30 }));

it('deploys the undefended classifier, as it was, behind the autoencoder', async () => {
  const { model, train, classes } = defenseArena({});
  const params = aec.params.parse({ ...PARAMS, attack: { name: 'fgs', params: { epsilon: 0.4 } } });
  const defended = await aec.harden(params, {
    model,
    train,
    classes,
    malicious: 0,
    attacks,
    engine: 'onnx',
    rng: Rng.root('aec'),
  });
  const [whole, classifier] = await Promise.all([Session.open(defended.model), Session.open(model)]);
  const { channels, height, width } = train.images.shape;
  const dims = [train.images.count, channels, height, width];
  const { [RECONSTRUCTION]: cleaned, logits } = await whole.run({ input: float32Tensor(dims, train.images.data) });
  const behind = await classifier.run({ input: float32Tensor(dims, cleaned!.data as Float32Array) });
  const expected = behind['logits']!.data as Float32Array;
  expected.forEach((value, i) => expect((logits!.data as Float32Array)[i]).toBeCloseTo(value, 5));
  for (const [name, { data }] of readModel(model).graph.initializers) {
    const kept = [...readModel(defended.model).graph.initializers].find(([other]) => other.endsWith(name));
    expect(kept?.[1].data).toEqual(data);
  }
  await Promise.all([whole.dispose(), classifier.dispose()]);
});
