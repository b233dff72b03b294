import { enforce } from './enforce';
import { imageBatch } from './image-batch';
import { pixelBox } from './pixel-box';
import { Feasibility } from './threat/feasible-set';

const box = pixelBox(0, 1);
const batch = imageBatch(Float32Array.of(0.2, 0.4, 100 / 255), { channels: 1, height: 1, width: 3 }, box);
const linf = (epsilon: number) => ({ norm: 'linf', epsilon }) as const;

describe('enforce', () => {
  it('leaves what is inside as it is, and brings back what is not', () => {
    const inside = Float32Array.of(0.25, 0.4, 0.4);
    expect(enforce(inside, batch, linf(0.1), new Feasibility({}, box, 3))).toBe(0);
    expect(inside).toEqual(Float32Array.of(0.25, 0.4, 0.4));
    const outside = Float32Array.of(0.5, -1, 0.4);
    expect(enforce(outside, batch, linf(0.1), new Feasibility({}, box, 3))).toBe(1);
    expect(outside[0]).toBeCloseTo(0.3, 6);
    expect(outside[1]).toBeCloseTo(0.3, 6);
  });

  it('rounds towards the original where the nearest level is outside the ball', () => {
    // 0.1 is 25.5 levels: 26 of them are outside, whichever way a feature moved.
    const points = Float32Array.of(0.2, 0.4, 1);
    enforce(points, batch, linf(0.1), new Feasibility({ values: '8-bit' }, box, 3));
    expect(points[2]! * 255).toBeCloseTo(125, 4);
    expect(points[2]! - batch.data[2]!).toBeLessThanOrEqual(0.1);
    expect(points.subarray(0, 2)).toEqual(batch.data.subarray(0, 2));
  });
});
