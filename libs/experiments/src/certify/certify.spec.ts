import { imageBatch, REJECTED, Rng } from '@rampart/core';
import { openVerifier, repeated, smoothedModel, stack } from '@rampart/models';
import { GraphBuilder, type Model, writeModel } from '@rampart/onnx';

import { certifiedAccuracy, certify } from './certify';
import { BIAS, BOX, linear, NORM, SHAPE, WEIGHTS } from './plane.kit';

const rng = Rng.root('certificates');
const COUNT = 12;
const images = imageBatch(
  Float32Array.from({ length: COUNT * 4 }, () => 2 * rng.uniform() - 1),
  SHAPE,
  BOX,
);
/** The signed distance of each image from the plane. */
const distances = Array.from(
  { length: COUNT },
  (_, i) => WEIGHTS.reduce((sum, weight, k) => sum + weight * images.data[4 * i + k]!, BIAS) / NORM,
);

async function certificatesOf(model: Model, sigma: number, samples: number) {
  const base = await openVerifier(model, { box: BOX });
  try {
    return await certify(base, images, { sigma, samples, selection: 1000, alpha: 0.001, rng: Rng.root('draws') });
  } finally {
    await base.dispose();
  }
}

it('finds the radius of a linear classifier, which is its distance from the plane, but for what samples leave open', async () => {
  const sigma = 0.6;
  // The noise around a point is on its side of the plane with the probability Phi(distance / sigma).
  const certificates = await certificatesOf(linear(), sigma, 20_000);
  const labels = distances.map((distance) => Number(distance < 0));
  certificates.forEach(({ prediction, radius }, i) => {
    const exact = Math.abs(distances[i]!);
    if (prediction === REJECTED) expect(exact).toBeLessThan(0.05 * sigma);
    else expect(prediction).toBe(labels[i]);
    expect(radius).toBeLessThanOrEqual(exact);
    // Up to where 20,000 samples tell shares apart.
    if (exact < 2.5 * sigma) expect(radius).toBeGreaterThan(exact - 0.12 * sigma);
  });
  expect(certificates.filter(({ radius }) => radius > 0.3 * sigma).length).toBeGreaterThan(4);
  const farther = (radius: number) => distances.filter((distance) => Math.abs(distance) >= radius).length / COUNT;
  for (const radius of [0.2 * sigma, 0.8 * sigma, 1.6 * sigma]) {
    const certain = certifiedAccuracy(certificates, labels, radius);
    expect(certain).toBeLessThanOrEqual(farther(radius));
    expect(certain).toBeGreaterThanOrEqual(farther(radius + 0.12 * sigma));
  }
  expect(certifiedAccuracy(certificates, labels, 0)).toBe(
    certificates.filter(({ prediction }) => prediction !== REJECTED).length / COUNT,
  );
});

it('abstains where no class has most of the copies, and takes the model behind the noise of a smoothed file', async () => {
  const smooth = repeated(writeModel(linear()), { copies: 3, sigma: 0.4, answer: 'vote' });
  const { model, sigma } = smoothedModel(smooth)!;
  expect(sigma).toBe(0.4);
  expect(smoothedModel(writeModel(linear()))).toBeUndefined();
  const [behind, itself] = [await certificatesOf(model, sigma, 200), await certificatesOf(linear(), sigma, 200)];
  expect(behind).toEqual(itself);
  // So few samples cannot tell a share near a half from a half.
  const near = distances.map(Math.abs).indexOf(Math.min(...distances.map(Math.abs)));
  expect(behind[near]).toEqual({ prediction: REJECTED, radius: 0 });
});

it('is for nothing that was put around a smoothed model since', async () => {
  const builder = new GraphBuilder();
  builder.input('pixels', 'float32', ['batch', 1, 2, 2]);
  builder.output(builder.node('Floor', ['pixels'], {}, { outputs: ['coarse'] })[0]!, 'float32', ['batch', 1, 2, 2]);
  const front = writeModel({ ...linear(), graph: builder.build('front') });
  for (const answer of ['mean', 'vote'] as const) {
    const smooth = repeated(writeModel(linear()), { copies: 3, sigma: 0.4, answer });
    expect(smoothedModel(smooth)).toBeDefined();
    expect(smoothedModel(await stack(front, smooth))).toBeUndefined();
  }
});

it('knows what many copies that all agree say, however sure one wants to be', async () => {
  const model = await openVerifier(linear(), { box: BOX });
  try {
    const far = imageBatch(new Float32Array(4).fill(1), SHAPE, BOX);
    const options = { sigma: 0.01, samples: 100, selection: 10, rng: Rng.root('far') };
    const [certificate] = await certify(model, far, { ...options, alpha: 1e-8 });
    // Clopper and Pearson's bound is then the hundredth root of alpha, 0.83176; Phi(0.96116) is that.
    expect(certificate!.radius).toBeCloseTo(0.0096116, 6);
  } finally {
    await model.dispose();
  }
});

it('refuses numbers that certify nothing', async () => {
  await expect(certificatesOf(linear(), 0, 10)).rejects.toThrow(/deviation above 0.*Received sigma=0/);
});
