import { Rng } from '@rampart/core';

import { augment } from './augmentation';

const shape = { channels: 2, height: 2, width: 3 };
const image = Float32Array.from({ length: 12 }, (_, k) => k);

function changed(options: Parameters<typeof augment>[2], count = 40): string[] {
  const images = Float32Array.from({ length: count * 12 }, (_, k) => image[k % 12]!);
  augment(images, shape, options, Rng.root('augmentation'));
  return Array.from({ length: count }, (_, i) => images.slice(i * 12, (i + 1) * 12).join());
}

it('mirrors half of the images, every channel alike', () => {
  const found = changed({ flips: true, crops: 0 });
  expect(new Set(found)).toEqual(new Set([image.join(), '2,1,0,5,4,3,8,7,6,11,10,9']));
});

it('shifts by up to so many pixels each way, and repeats the edge', () => {
  const found = new Set(changed({ flips: false, crops: 1 }, 400));
  expect(found.size).toBe(9);
  expect(found).toContain('4,5,5,4,5,5,10,11,11,10,11,11');
});

it('leaves images alone where nothing is asked for', () => {
  expect(new Set(changed({ flips: false, crops: 0 }))).toEqual(new Set([image.join()]));
});
