import { attacks } from '@rampart/attacks';
import { describeAudit } from '@rampart/testing';

import { inspect } from './inspect.kit';
import { faulty, figure } from './planted.kit';
import { trainingImages } from './training-images';

describeAudit(trainingImages, { attacks, faulty: faulty('training-images') });

const withShared = (shared: number, instances = 120) =>
  figure(
    ({ test }) => {
      const size = 36;
      const data = Float32Array.from({ length: 50 * size }, (_, k) => (k % 97) / 97 - 0.5);
      data.set(test.images.data.subarray(0, shared * size), 7 * size);
      return { train: { images: { ...test.images, data, count: 50 }, labels: new Int32Array(50) } };
    },
    { instances },
  );

it.each([
  [0, 120, []],
  [2, 120, ['high']],
  [1, 200, ['medium']],
])('of %d shared images of %d', async (shared, instances, severities) => {
  const doubts = await inspect(trainingImages, await withShared(shared, instances));
  expect(doubts.map(({ severity }) => severity)).toEqual(severities);
  expect(doubts.map(({ evidence }) => evidence['shared'])).toEqual(severities.map(() => shared));
});

it('counts an image once however often it is there', async () => {
  const subject = await figure(({ test }) => {
    const data = new Float32Array(10 * 36);
    for (let i = 0; i < 10; i++) data.set(test.images.data.subarray(0, 36), i * 36);
    return { train: { images: { ...test.images, data, count: 10 }, labels: new Int32Array(10) } };
  });
  expect(await inspect(trainingImages, subject)).toMatchObject([{ evidence: { shared: 1 } }]);
});
