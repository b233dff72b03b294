import { type Classifier, type Dataset, encodeNpy, imageBatch, Rng } from '@rampart/core';
import { openVerifier } from '@rampart/models';
import type { ArtifactRef, StepRecord } from '@rampart/results';

import type { CertifyStep } from '../step';
import type { StepContext } from '../steps/context';
import { contradictions } from './contradictions';
import { BIAS, BOX, linear, NORM, SHAPE, WEIGHTS } from './plane.kit';

/** A point at a signed distance from the plane. */
const at = (distance: number) => WEIGHTS.map((weight) => (weight * (distance - BIAS / NORM)) / NORM);
const DISTANCES = [0.5, 0.4];
const ORIGINALS = Float32Array.from(DISTANCES.flatMap(at));

const STEP: CertifyStep = {
  ...{ kind: 'certify', key: 'c', label: 'certify', needs: [], versions: {}, model: 'm', clean: 'clean', seed: 1 },
  ...{ examples: ['e'], samples: 1000, selection: 100, alpha: 0.001, target: undefined },
};

/** A run whose examples are at other distances, and that takes them for some classes. */
function contextOf(examples: readonly number[], predictions: readonly number[]): StepContext {
  const files = new Map([
    ['adversarial', encodeNpy(Float32Array.from(examples.flatMap(at)), [2, 1, 2, 2])],
    ['predictions', encodeNpy(Int32Array.from(predictions), [2])],
  ]);
  const refs = [...files.keys()].map((name): ArtifactRef => ({ name, extension: 'npy', checksum: name, bytes: 1 }));
  const record = { key: 'e', label: 'evaluate', artifacts: refs } as unknown as StepRecord;
  return {
    dataset: {
      ...{ shape: SHAPE, box: BOX, classes: ['0', '1'] },
      test: { images: imageBatch(ORIGINALS, SHAPE, BOX), labels: Int32Array.of(0, 0) },
    } as unknown as Dataset,
    artifacts: { read: ({ checksum }: ArtifactRef) => Promise.resolve(files.get(checksum)!) } as never,
    inputs: new Map([['e', record]]),
    rng: Rng.root('step'),
  };
}

describe('certificates against what a run has found', () => {
  let base: Classifier & { dispose(): Promise<void> };
  beforeAll(async () => {
    base = await openVerifier(linear(), { box: BOX });
  });
  afterAll(() => base.dispose());

  const against = (radii: readonly number[], examples: readonly number[], predictions: readonly number[]) =>
    contradictions(
      STEP,
      {
        certificates: radii.map((radius) => ({ prediction: 0, radius })),
        ...{ clean: Int32Array.of(0, 0), base, sigma: 0.2, rng: Rng.root('draws') },
      },
      contextOf(examples, predictions),
    );

  it('agree with examples that are farther away, or judged right', async () => {
    expect(await against([0.5, 0.4], [-0.1, 0.2], [1, 0])).toEqual([]);
  });

  it('are about all copies where the file takes an example for another class that they take for the right one', async () => {
    const [finding, ...others] = await against([0.5, 0.4], [0.2, 0.2], [1, 0]);
    expect(others).toEqual([]);
    expect([finding!.audit, finding!.severity, finding!.evidence]).toEqual([
      'certificates',
      'low',
      { certified: 2, 'misjudged within their radius': 1, disproved: 0 },
    ]);
    expect(finding!.summary).toMatch(/takes 1 of 2 samples for another class within their certified radius/);
  });

  it('are wrong where copies of an example within the radius are taken for another class', async () => {
    // Beyond the plane, and nearer than the radii that somebody made up.
    const [finding] = await against([0.9, 0.9], [-0.1, -0.2], [1, 1]);
    expect([finding!.severity, finding!.resolved, finding!.evidence['disproved']]).toEqual(['high', false, 2]);
    expect(finding!.summary).toMatch(/of 2 of 2 samples .* where chance allows 0\.0020: the certificates are wrong/);
  });
});
