import { Numbers, singleNodeModel } from '../gradient/check-rule.kit';
import { float } from '../graph/attribute';
import type { Model, Tensor } from '../graph/ir';
import { Session } from '../runtime/session';
import { differences } from './difference';
import { inDeviceForm } from './device-form';

async function answers(model: Model, feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> {
  const session = await Session.open(model);
  const found = await session.run(feeds);
  await session.dispose();
  return found;
}

describe('the form in which a device takes a model', () => {
  const normalising = (numbers: Numbers, dims: readonly number[], training: boolean) => {
    const vectors = Array.from({ length: 4 }, () => numbers.uniform([3], 0.5, 1.5));
    const inputs = [numbers.uniform(dims), ...vectors];
    const attributes = { training_mode: training, momentum: float(0.3), epsilon: float(0.01) };
    const outputs = training ? 3 : 1;
    const model = singleNodeModel({ op: 'BatchNormalization', inputs, attributes, outputs, free: [0] });
    return { model, feeds: Object.fromEntries(inputs.map((value, i) => [`input${i}`, value])) };
  };

  it.each([{ dims: [5, 3] }, { dims: [4, 3, 6] }, { dims: [4, 3, 5, 2] }])(
    'normalises a batch of $dims by its own statistics, and moves the running ones, without BatchNormalization',
    async ({ dims }) => {
      const { model, feeds } = normalising(new Numbers(3), dims, true);
      const form = inDeviceForm(model, 'webgpu');
      expect(form.graph.nodes.map(({ op }) => op)).not.toContain('BatchNormalization');
      const found = differences(await answers(model, feeds), await answers(form, feeds));
      expect(Object.keys(found)).toHaveLength(3);
      for (const difference of Object.values(found)) expect(difference).toBeLessThan(1e-6);
    },
  );

  it('is its own for what the device has', () => {
    const inTraining = normalising(new Numbers(3), [4, 3], true).model;
    const atRest = normalising(new Numbers(3), [4, 3], false).model;
    expect(inDeviceForm(inTraining, 'cuda')).toBe(inTraining);
    expect(inDeviceForm(atRest, 'webgpu')).toBe(atRest);
  });
});
