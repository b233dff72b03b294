import type { AttackProblem } from './attack';
import { PUBLICATION_BOX } from './pixel-box';
import { Rng } from './rng';
import { withinContract } from './within-contract';

class Problem implements AttackProblem {
  readonly count = 1;
  readonly features = 2;
  readonly shape = { channels: 1, height: 1, width: 2 };
  readonly box = PUBLICATION_BOX;
  readonly classes = 2;
  readonly targeted = false;
  readonly threat = { norm: 'none' } as const;
  readonly window = 1;
  readonly originals = Float32Array.of(0, 0.25);
  readonly signal = undefined;
  readonly labels = Int32Array.of(1);

  margins(candidates: Float32Array): Promise<Float32Array> {
    return Promise.resolve(candidates.subarray(0, this.count));
  }

  gradient(candidates: Float32Array) {
    const losses = candidates.subarray(0, this.count);
    return Promise.resolve({ losses, margins: losses, gradient: candidates, sign: 1 as const, logits: candidates });
  }

  logits = (candidates: Float32Array) => Promise.resolve(candidates);
  inner = (candidates: Float32Array) => Promise.resolve(candidates);
  innerGradient = (candidates: Float32Array) => this.gradient(candidates);
  bounds = () => ({ lower: this.originals, upper: this.originals });
  rivals = () => Int32Array.of(0);
  best = () => ({ point: this.originals, margin: 1, distance: 0, evades: false });
  decided = () => false;
  stage = () => undefined;
  progress = () => undefined;

  rng(instance: number): Rng {
    return Rng.root(this.features + instance);
  }
}

describe('a problem within its contract', () => {
  const inner = new Problem();
  const strays: string[] = [];
  const outer = withinContract(inner, (property) => strays.push(property));

  it('hands on what the contract names, also when it is taken apart', async () => {
    const { count, features, shape, box, originals, signal, margins, gradient, rng } = outer;
    expect({ count, features, shape, box, originals, signal }).toEqual({
      ...{ count: 1, features: 2, shape: inner.shape, box: PUBLICATION_BOX, originals: inner.originals },
      signal: undefined,
    });
    expect(originals).toBe(inner.originals);
    expect(await margins(originals, [0])).toEqual(Float32Array.of(0));
    expect((await gradient(originals, [0], 'margin')).gradient).toBe(originals);
    expect(rng(3).uniform()).toBe(Rng.root(5).uniform());
    expect(await outer.logits(originals, [0])).toBe(originals);
    expect(await outer.inner(originals, [0])).toBe(originals);
    expect((await outer.innerGradient(originals, [0], originals)).gradient).toBe(originals);
    expect(outer.bounds(0).lower).toBe(originals);
    expect(outer.best(0)).toMatchObject({ margin: 1, evades: false });
    expect([outer.decided(0), outer.classes, outer.targeted, outer.window]).toEqual([false, 2, false, 1]);
    expect(strays).toEqual([]);
  });

  it('can be awaited and spread without a word', async () => {
    expect(Object.keys({ ...(await Promise.resolve(outer)) })).not.toContain('labels');
    expect(strays).toEqual([]);
  });

  it('tells of everything else, and gives none of it', () => {
    expect((outer as unknown as Problem).labels).toBeUndefined();
    expect(strays).toEqual(['labels']);
    const strict = withinContract(inner, (property) => {
      throw new Error(`no ${property}`);
    });
    expect(() => (strict as unknown as Problem).labels).toThrow('no labels');
  });
});
