import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { DeviceLog } from '@rampart/core';

import { noteGradient } from './gradient-note';
import { openClassifier, openVerifier } from './open-classifier';
import { openForAttack } from './open-for-attack';

const file = readFileSync(join(__dirname, '../../../../test/reference/mnist-lenet.onnx'));
const box = { min: 0, max: 1 };
const images = new Float32Array(2 * 784).fill(0.5);

describe('a model on a device', () => {
  // ONNX Runtime from npm comes without CUDA.
  const missing = { name: 'RampartError', code: 'unavailable' };

  it('is judged on the CPU whatever is named', async () => {
    const device = new DeviceLog('cuda');
    const named = await openVerifier(file, { box, device });
    const plain = await openVerifier(file, { box });
    expect(await named.logits(images)).toEqual(await plain.logits(images));
    expect(device.uses()).toEqual([]);
    await named.dispose();
    await plain.dispose();
  });

  it('is attacked there or not at all, with gradients of its own or estimated ones', async () => {
    const device = new DeviceLog('cuda');
    await expect(openClassifier(file, { box, device })).rejects.toMatchObject(missing);
    await expect(openForAttack(file, { box, device })).rejects.toMatchObject(missing);
    const estimated = noteGradient(file, { samples: 4, radius: 0.1 });
    await expect(openForAttack(estimated, { box, device })).rejects.toMatchObject(missing);
    const cpu = await openForAttack(estimated, { box });
    expect((await cpu.logits(images)).length).toBe(20);
    await cpu.dispose();
  });
});
