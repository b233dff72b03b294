import { isRampartError } from '@rampart/core';

import { classMasks } from './class-masks';

describe('classMasks', () => {
  const masks = { mask: 'own', rivalMask: 'other' };
  const labels = Int32Array.of(2, 0);

  it('are true at one class a row', () => {
    const { own, other } = classMasks(masks, { labels, rivals: Int32Array.of(0, 1), count: 2, classes: 3 });
    expect(own).toEqual({ type: 'bool', dims: [3], data: Uint8Array.of(0, 0, 1, 1, 0, 0) });
    expect(other!.data).toEqual(Uint8Array.of(1, 0, 0, 0, 1, 0));
  });

  it.each([
    ['no rivals', undefined, 'usage', /one rival for each of 2 images\. Received none/],
    ['too few rivals', Int32Array.of(1), 'bad-data', /one rival for each of 2 images\. Received 1/],
    ['a rival that is no class', Int32Array.of(1, 3), 'bad-data', /rivals from 0 to 2.*Received 3 at index 1/],
  ])('refuse %s', (_what, rivals, code, message) => {
    let error: unknown;
    try {
      classMasks(masks, { labels, rivals, count: 2, classes: 3 });
    } catch (reason) {
      error = reason;
    }
    expect(isRampartError(error) && error.code).toBe(code);
    expect((error as Error).message).toMatch(message);
  });
});
