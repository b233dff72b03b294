import { assembleDataset, byteSplit, type RawDataset } from './assemble';

const SHAPE = { channels: 1, height: 1, width: 2 };

/** Images of two pixels that say their label and their place. */
const split = (labels: readonly number[]) =>
  byteSplit(Uint8Array.from(labels.flatMap((label, i) => [label * 50, i])), Uint8Array.from(labels), SHAPE);

const source: RawDataset = {
  shape: SHAPE,
  names: ['a', 'b', 'c'],
  train: split([2, 0, 1, 2, 0, 1]),
  test: split([0, 2, 2]),
};
const all = { trainLimit: 0, testLimit: 0 };

describe('assembleDataset', () => {
  it('keeps the images of the chosen classes in their order, each with its own label', async () => {
    const { train, test, classes, malicious } = await assembleDataset(source, { classes: ['c', 'a'], ...all });
    expect(classes).toEqual(['a', 'c']);
    expect(malicious).toBe(1);
    expect(train.labels).toEqual(Int32Array.of(1, 0, 1, 0));
    const bytes = train.images.data.map((value) => Math.round((value + 0.5) * 255));
    expect(bytes).toEqual(Float32Array.of(100, 0, 0, 1, 100, 3, 0, 4));
    expect(test.labels).toEqual(Int32Array.of(0, 1, 1));
  });

  it('scales 0 to -0.5 and 255 to 0.5, exactly', async () => {
    const ends = byteSplit(Uint8Array.of(0, 255, 51, 204), Uint8Array.of(0, 1), SHAPE);
    const { train } = await assembleDataset(
      { ...source, names: ['a', 'b'], train: ends, test: ends },
      { classes: 'all', ...all },
    );
    expect(train.images.data).toEqual(Float32Array.of(-0.5, 0.5, -0.3, 0.3));
  });

  it('keeps the share of each class under a limit, also in sorted files', async () => {
    const sorted = split([...Array<number>(60).fill(0), ...Array<number>(40).fill(1)]);
    const { train } = await assembleDataset(
      { ...source, names: ['a', 'b'], train: sorted, test: sorted },
      { classes: 'all', trainLimit: 10, testLimit: 0 },
    );
    expect(train.images.count).toBe(10);
    expect(train.labels.filter((label) => label === 1)).toHaveLength(4);
  });

  it('says which classes have no sample, and goes on with the others', async () => {
    const { classes, train, test, note, own } = await assembleDataset(source, { classes: ['a', 'b'], ...all });
    expect({ classes, labels: [...train.labels], tested: [...test.labels] }).toEqual({
      classes: ['a', 'b'],
      labels: [0, 1, 0, 1],
      tested: [0],
    });
    expect(note).toBe('no sample of class b among the test data');
    expect(own).toEqual({ labels: [0, 1], names: ['a', 'b', 'c'] });
  });

  it('needs no training data', async () => {
    const { train: _, ...tested } = source;
    const { train, note } = await assembleDataset(tested, { classes: 'all', ...all });
    expect(train.images.count).toBe(0);
    expect(note).toBe('no sample of class b among the test data');
  });

  it('refuses to attack a class that has no sample, and says which have some', async () => {
    await expect(assembleDataset(source, { classes: ['b', 'a'], ...all })).rejects.toThrow(
      'The test data have no sample of class "b", so there is nothing to attack. They hold the classes a, c: choose among these.',
    );
  });

  it('keeps the labels of data that do not count them from 0', async () => {
    const { test, own } = await assembleDataset(
      { ...source, names: ['5', '9', '12'], labels: [5, 9, 12], train: split([5, 9]), test: split([12, 5]) },
      { classes: 'all', ...all },
    );
    expect([...test.labels]).toEqual([2, 0]);
    expect(own!.labels).toEqual([5, 9, 12]);
    expect(own!.names[9]).toBe('9');
  });

  it('has a checksum that any pixel and any label changes', async () => {
    const of = (labels: readonly number[], change?: (pixels: Uint8Array) => void) => {
      const pixels = new Uint8Array(2 * labels.length).map((_, k) => 10 * k);
      change?.(pixels);
      const test = byteSplit(pixels, Uint8Array.from(labels), SHAPE);
      return assembleDataset({ ...source, names: ['a', 'b'], train: split([0, 1]), test }, { classes: 'all', ...all });
    };
    const datasets = await Promise.all([
      of([0, 1, 1]),
      of([0, 0, 1]),
      of([0, 1, 1], (pixels) => (pixels[5] = 51)),
      of([0, 1]),
    ]);
    const checksums = datasets.map(({ checksum }) => checksum);
    expect(new Set(checksums).size).toBe(4);
    expect((await of([0, 1, 1])).checksum).toBe(checksums[0]);
  });
});
