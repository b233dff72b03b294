import { isHopeless } from './outlook';

describe('isHopeless', () => {
  it('gives up a run that is far from where it has to come, the earlier the farther', () => {
    expect(isHopeless(5, 0.1, 1)).toBe(false);
    expect(isHopeless(5, 0.15, 1)).toBe(true);
    expect(isHopeless(2, 0.15, 1)).toBe(false);
    expect(isHopeless(2, 0.3, 1)).toBe(true);
    expect(isHopeless(1.25, 0.3, 1)).toBe(false);
    expect(isHopeless(1.25, 0.5, 1)).toBe(true);
    expect(isHopeless(1.1, 0.99, 1)).toBe(false);
  });

  it('lets a run go on that has not found anything, but not for ever', () => {
    expect(isHopeless(Infinity, 0.3, 1)).toBe(false);
    expect(isHopeless(Infinity, 0.5, 1)).toBe(true);
  });

  it('lets every run go on that need not come within anything', () => {
    expect(isHopeless(5, 0.9, Infinity)).toBe(false);
    expect(isHopeless(Infinity, 0.9, Infinity)).toBe(false);
  });
});
