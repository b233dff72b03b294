import { attacks } from '@rampart/attacks';
import { argmax, evade, imageBatch, type ModelView, parseComponent, pixelBox, Rng } from '@rampart/core';
import { evadeThroughFront } from '@rampart/experiments';
import { openFront, openVerifier, openView } from '@rampart/models';

import { openReference, type Subject } from './load-reference';
import { planted, type PlantedName, TRUE_ROBUSTNESS } from './planted';

/** What a remedy may leave above the truth. */
const POINTS = 0.02;

const BOX = pixelBox(0, 1);
const BALL = { norm: 'linf', epsilon: 0.1 } as const;

let subject: Subject;
beforeAll(async () => {
  subject = await openReference('mnist-lenet');
});
afterAll(() => subject.classifier.dispose());

const share = (flags: Uint8Array) => flags.filter((flag) => flag === 1).length / flags.length;

/** Runs an attack on a planted model as a view shows it. */
async function attack(name: PlantedName, text: string, view: ModelView = {}) {
  const file = planted[name]();
  const { images, labels } = subject;
  const classifier = (await openView(file, view, { box: BOX, images: images.data }))!;
  const verifier = await openVerifier(file, { box: BOX });
  const { name: attackName, params } = parseComponent(text);
  try {
    return await evade({
      attack: attacks.resolve({ name: attackName, params: { ...params, ...BALL } }),
      classifier,
      verifier,
      images,
      labels,
      rng: Rng.root(1).split('attack'),
    });
  } finally {
    await classifier.dispose();
    await verifier.dispose();
  }
}

const robust = async (...args: Parameters<typeof attack>) => 1 - share((await attack(...args)).evaded);

describe('planted defenses', () => {
  it.each(['saturated', 'onehot', 'quantised', 'shattered'] as const)('%s withstands a naive attack', async (name) => {
    expect(await robust(name, 'pgd(steps=40)')).toBeGreaterThanOrEqual(0.97);
  });

  it.each<[PlantedName, ModelView, string]>([
    ['saturated', { logits: 'inner' }, 'apgd(loss=ce)'],
    ['onehot', { logits: 'inner' }, 'apgd(loss=ce)'],
    ['quantised', { backward: 'straight-through' }, 'apgd(loss=ce)'],
    ['saturated', {}, 'apgd(loss=targeted-dlr)'],
  ])('%s falls to what is true of it under %p', async (name, view, text) => {
    expect(await robust(name, text, view)).toBeLessThanOrEqual(TRUE_ROBUSTNESS[name] + POINTS + 1e-9);
  });

  it('shattered stays where gradients are passed straight through', async () => {
    expect(await robust('shattered', 'apgd(loss=ce)', { backward: 'straight-through' })).toBeGreaterThan(0.5);
  });

  it.each(['quantised', 'shattered'] as const)('%s falls behind its front', async (name) => {
    const file = planted[name]();
    const { images, labels } = subject;
    const front = (await openFront(file, { box: BOX }))!;
    const verifier = await openVerifier(file, { box: BOX });
    const { adversarial, evaded } = await evadeThroughFront({
      front,
      attacks: ['apgd(loss=ce)', 'apgd(loss=difference)'].map(parseComponent),
      verifier,
      images,
      labels,
      threat: BALL,
      rng: Rng.root(1),
    });
    expect(1 - share(evaded)).toBeLessThanOrEqual(TRUE_ROBUSTNESS[name] + POINTS);
    const farthest = adversarial.data.reduce((most, x, i) => Math.max(most, Math.abs(x - images.data[i]!)), 0);
    expect(farthest).toBeLessThanOrEqual(0.1 + 1e-6);
    expect(adversarial.data.every((x) => x >= 0 && x <= 1)).toBe(true);
    await front.dispose();
    await verifier.dispose();
  });

  it('random falls where attacks average over its draws', async () => {
    const verifier = await openVerifier(planted.random(), { box: BOX });
    const { images, labels } = subject;
    const lowest = new Float64Array(images.count).fill(1);
    for (const loss of ['ce', 'difference']) {
      const text = `pgd(steps=20, samples=20, loss=${loss}, earlyStop=false)`;
      const { adversarial } = await attack('random', text);
      const right = new Float64Array(images.count);
      const draws = 50;
      for (let draw = 0; draw < draws; draw++) {
        const logits = await verifier.logits(imageBatch(adversarial.data, images.shape, BOX).data);
        labels.forEach((label, i) => (right[i]! += Number(argmax(logits, i * 10, 10) === label) / draws));
      }
      right.forEach((accuracy, i) => (lowest[i] = Math.min(lowest[i]!, accuracy)));
    }
    const mean = lowest.reduce((sum, accuracy) => sum + accuracy, 0) / lowest.length;
    expect(mean).toBeLessThanOrEqual(TRUE_ROBUSTNESS.random + POINTS);
    await verifier.dispose();
  });
});
