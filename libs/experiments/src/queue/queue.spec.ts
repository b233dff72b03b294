import { createHash } from 'node:crypto';

import type { StepTask } from '../executor';
import { cancelledKeys, cancelMessages } from './messages';
import { jobIdOf, queueName, queuePrefix, readQueueName } from './queue-names';
import { jobOf, taskOf } from './step-queue';
import { stepMemory } from './step-memory';

const GIB = 2 ** 30;
const artifact = (extension: string, bytes: number) => ({ name: 'a', extension, checksum: 'c'.repeat(64), bytes });

describe('the queue of steps', () => {
  it('has one queue for each kind of step and memory, in powers of two, and none of other versions', () => {
    expect(readQueueName(queueName('attack', 1))).toEqual({ kind: 'attack', bytes: GIB, plugins: '', device: '' });
    expect(readQueueName(queueName('worst-case', GIB + 1))).toEqual({
      kind: 'worst-case',
      bytes: 2 * GIB,
      ...{ plugins: '', device: '' },
    });
    expect(readQueueName(queueName('train', 3 * GIB))).toMatchObject({ kind: 'train', bytes: 4 * GIB });
    expect(readQueueName(queueName('train', GIB).replace(queuePrefix(), 'steps-9.9.9-00000000'))).toBeUndefined();
  });

  it('has another queue for steps of plugins, by their content', () => {
    const plugin = (content: string) => [{ name: 'p', version: '1.0.0', file: '/p.ts', content }];
    const [one, other] = ['1', '2'].map((content) => readQueueName(queueName('attack', GIB, plugin(content)))!);
    expect(one).toMatchObject({ kind: 'attack', bytes: GIB, plugins: expect.stringMatching(/^[0-9a-f]{16}$/) });
    expect(other!.plugins).not.toBe(one!.plugins);
  });

  it('has another queue for steps on a device, with plugins and without', () => {
    const on = (plugins: Parameters<typeof queueName>[2]) => readQueueName(queueName('train', GIB, plugins, 'webgpu'))!;
    expect(on([])).toEqual({ kind: 'train', bytes: GIB, plugins: '', device: 'webgpu' });
    const plugin = { name: 'p', version: '1.0.0', file: '/p.ts', content: '1' };
    expect(on([plugin])).toMatchObject({ plugins: expect.stringMatching(/^[0-9a-f]{16}$/), device: 'webgpu' });
  });

  it('gives a step the same identity whoever asks for it, and every step another', () => {
    const ids = Array.from({ length: 1000 }, (_, i) => jobIdOf(`key ${i}`));
    expect(new Set(ids).size).toBe(1000);
    expect(jobIdOf('key 7')).toBe(ids[7]);
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
  });

  it('takes any number of steps back in messages that PostgreSQL passes on', () => {
    const keys = Array.from({ length: 5_000 }, (_, i) => createHash('sha256').update(`${i}`).digest('hex'));
    const messages = cancelMessages(keys);
    expect(Math.max(...messages.map((one) => one.length))).toBeLessThan(8000);
    expect(messages.flatMap(cancelledKeys)).toEqual(keys);
    expect(['ready', 'stop a', undefined].flatMap(cancelledKeys)).toEqual([]);
  });

  it('needs more memory for larger models, examples and data', () => {
    const of = (...artifacts: ReturnType<typeof artifact>[]) => ({ inputs: [{ artifacts }] }) as unknown as StepTask;
    const small = stepMemory(of(), 0);
    expect(small).toBeLessThan(GIB);
    expect(stepMemory(of(artifact('onnx', GIB)), 0)).toBeGreaterThan(4 * GIB);
    expect(stepMemory(of(artifact('npy', GIB)), 0)).toBeGreaterThan(2 * GIB);
    expect(stepMemory(of(), GIB)).toBeGreaterThan(GIB);
  });

  it('keeps a step as it is, the order of its keys too', () => {
    const step = {
      kind: 'train',
      key: 'k',
      label: 'l',
      needs: ['z', 'a'],
      versions: { z: 1, a: '2' },
      zeta: 1,
      alpha: 2,
    };
    const dataset = { name: 'mnist', params: { z: [1], a: 'x' }, dataDir: undefined, checksum: 'c' };
    const task = { step, dataset, plugins: [], timeLimit: 5, inputs: [] } as unknown as StepTask;
    const back = taskOf(jobOf(task, 'run', 1));
    expect(JSON.stringify(back.step)).toBe(JSON.stringify(step));
    expect(JSON.stringify(back.dataset)).toBe(JSON.stringify(dataset));
    expect(back.timeLimit).toBe(5);
  });
});
