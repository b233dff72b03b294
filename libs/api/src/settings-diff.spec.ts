import { settingsDiff } from './settings-diff';

const run = (experiment: string, more: { seeds?: number[]; engine?: string } = {}) => ({
  ...{ experiment, seeds: [1], engine: 'onnx', dataset: 'mnist' },
  ...more,
});

it('has what differs, nested fields and lists among it, and nothing else', () => {
  const first = run('name: a\ndataset: mnist\nattacks: [cg, adam]\ntraining: { epochs: 1, batchSize: 64 }\n');
  const second = run('name: b\ndataset: mnist\nattacks: [cg]\ntraining: { epochs: 2, batchSize: 64 }\n', {
    seeds: [2],
  });
  expect(settingsDiff([first, second])).toEqual([
    { field: 'attacks', values: ['cg, adam', 'cg'] },
    { field: 'training.epochs', values: ['1', '2'] },
    { field: 'seeds', values: ['1', '2'] },
  ]);
  expect(settingsDiff([first, first])).toEqual([]);
});

it('says where a run is silent, also one whose experiment cannot be read', () => {
  expect(settingsDiff([run('threats: ["linf(0.1)"]'), run('name: [')])).toEqual([
    { field: 'threats', values: ['linf(0.1)', undefined] },
  ]);
});
