import { devicesIn } from './devices';

const step = (over: object) => {
  const session = { computes: 'margin', device: 'webgpu', compared: 10, differences: { logits: 1e-6 }, onCpu: [] };
  return { output: { device: { model: 'import', sessions: [{ ...session, ...over }] } } };
};

describe('what attack steps say about a device', () => {
  it('is put together by what was computed', () => {
    const conv = { name: 'a', op: 'Conv' };
    const steps = [
      step({}),
      step({ compared: 5, differences: { logits: 3e-6 }, wrong: { logits: 0.2 }, onCpu: [conv] }),
      step({ computes: 'dlr', onCpu: 'all', refused: 'no kernel' }),
      { output: {} },
    ];
    // Two seeds share the model.
    const models = [1, 2].map(() => ({ label: 'mine', step: 'import' }));
    expect(devicesIn(steps, models)).toEqual([
      {
        model: 'mine',
        device: 'webgpu',
        sessions: [
          { computes: 'margin', compared: 15, differences: { logits: 3e-6 }, wrong: { logits: 0.2 }, onCpu: [conv] },
          { computes: 'dlr', compared: 10, differences: { logits: 1e-6 }, onCpu: 'all', refused: 'no kernel' },
        ],
      },
    ]);
  });

  it('is nothing where attacks were on the CPU, or on another model', () => {
    expect(devicesIn([{ output: {} }], [{ label: 'mine', step: 'import' }])).toEqual([]);
    expect(devicesIn([step({})], [{ label: 'mine', step: 'another' }])).toEqual([]);
  });
});
