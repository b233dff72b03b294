import { Rng } from '@rampart/core';

import { type Cppn, drawCppn, mutateCppn, paintCppn } from './cppn';

const shape = { channels: 2, height: 5, width: 6 };

function painted(cppn: Cppn): Float32Array {
  const image = new Float32Array(60);
  paintCppn(cppn, shape, image);
  return image;
}

describe('a CPPN', () => {
  it('stays a graph that can be computed in its order, and grows', () => {
    const rng = Rng.root('cppn');
    let cppn = drawCppn(2, rng);
    for (let generation = 0; generation < 200; generation++) {
      cppn = mutateCppn(cppn, 2, rng);
      cppn.nodes.forEach(({ inputs }, place) => inputs.forEach(({ from }) => expect(from).toBeLessThan(4 + place)));
      expect(painted(cppn).every((value) => value >= -1 && value <= 1)).toBe(true);
    }
    expect(cppn.nodes.length).toBeGreaterThan(20);
  });

  it('computes what its nodes say', () => {
    const cppn: Cppn = {
      nodes: [
        { activation: 3, inputs: [{ from: 0, weight: 1 }] },
        { activation: 2, inputs: [{ from: 4, weight: 2 }] },
        {
          activation: 3,
          inputs: [
            { from: 1, weight: 0.5 },
            { from: 3, weight: 0.25 },
          ],
        },
      ],
    };
    const image = painted(cppn);
    // Channel 0: tanh(2 x); channel 1: y / 2 + 1 / 4, at the upper left, then the lower right.
    expect(image[0]).toBeCloseTo(Math.tanh(-2), 6);
    expect(image[29]).toBeCloseTo(Math.tanh(2), 6);
    expect(image[30]).toBeCloseTo(-0.25, 6);
    expect(image[59]).toBeCloseTo(0.75, 6);
  });

  it('leaves its parent as it is', () => {
    const rng = Rng.root('parent');
    const parent = mutateCppn(drawCppn(2, rng), 2, rng);
    const before = painted(parent);
    for (let child = 0; child < 20; child++) mutateCppn(parent, 2, rng);
    expect(painted(parent)).toEqual(before);
  });
});
