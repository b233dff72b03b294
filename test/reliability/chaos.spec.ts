import { temporaryFolder } from '../integration/rampart';
import { chaos } from './chaos';
import { isClean, type Tally, tallyTable } from './tally';

describe('kills, damage and full disks', () => {
  const folder = temporaryFolder();
  let tallies: readonly Tally[];

  beforeAll(async () => {
    tallies = await chaos(folder, { kills: 8, stores: 150, writers: 1, disks: 3, inputs: 300, models: 150 });
    process.stdout.write(`${tallyTable(tallies)}\n`);
  });

  it('lose nothing, abort nothing and hang nothing', () => {
    expect(tallies.flatMap(({ faults }) => faults)).toEqual([]);
    expect(tallies.filter((tally) => !isClean(tally)).map(({ kind }) => kind)).toEqual([]);
  });

  it('are told where they matter', () => {
    const seen = new Map(tallies.map(({ kind, counts }) => [kind, counts.seen]));
    for (const kind of ['onnx files', 'idx files', 'npy files', 'yaml files'])
      expect(seen.get(kind)).toBeGreaterThan(50);
    expect(seen.get('damaged stores')).toBeGreaterThan(100);
  });

  it('take no more than 2 GiB', () => {
    for (const { memory } of tallies) expect(memory).toBeLessThan(2 * 2 ** 30);
  });
});
