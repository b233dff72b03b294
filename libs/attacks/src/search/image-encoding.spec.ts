import { type Bounds, Rng } from '@rampart/core';

import { cppnEncoding, directEncoding, type ImageEncoding } from './image-encoding';

const shape = { channels: 2, height: 3, width: 4 };
const bounds: Bounds = {
  lower: Float32Array.from({ length: 24 }, (_, k) => (k % 5 === 0 ? 0.3 : -1)),
  upper: Float32Array.from({ length: 24 }, (_, k) => (k % 5 === 0 ? 0.3 : 0.5)),
};

function laws<Genome>(encoding: ImageEncoding<Genome>): void {
  it('paints images inside the bounds, each generation other ones', () => {
    const rng = Rng.root('encoding');
    let genome = encoding.draw(bounds, rng);
    const seen = new Set<string>();
    for (let generation = 0; generation < 50; generation++) {
      const image = new Float32Array(24);
      encoding.paint(genome, bounds, image);
      image.forEach((value, k) => {
        expect(value).toBeGreaterThanOrEqual(bounds.lower[k]!);
        expect(value).toBeLessThanOrEqual(bounds.upper[k]!);
      });
      seen.add(image.join());
      genome = encoding.mutate(genome, bounds, generation, rng);
    }
    expect(seen.size).toBeGreaterThan(30);
  });
}

describe('the direct encoding', () => {
  laws(directEncoding);

  it('changes a tenth of the features, and half of that after 1,000 generations', () => {
    const rng = Rng.root('rate');
    const wide = { lower: new Float32Array(5000), upper: new Float32Array(5000).fill(1) };
    const parent = directEncoding.draw(wide, rng);
    const changed = (generation: number) =>
      directEncoding.mutate(parent, wide, generation, rng).filter((value, k) => value !== parent[k]).length / 5000;
    expect(changed(0)).toBeCloseTo(0.1, 1);
    expect(Math.abs(changed(999) - 0.1)).toBeLessThan(0.02);
    expect(Math.abs(changed(1000) - 0.05)).toBeLessThan(0.02);
  });
});

describe('the CPPN encoding', () => {
  laws(cppnEncoding(shape));
});
