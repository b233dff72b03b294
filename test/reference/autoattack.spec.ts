import { openReference, type Reference, references } from './load-reference';

/** Images that may count as robust although the reference broke them: of random searches no two end alike. */
const MORE = 1;

describe.each(Object.entries(references))('autoattack on %s', (name, reference: Reference) => {
  it(`leaves no more than ${MORE} image more robust than its authors' code did`, async () => {
    const subject = await openReference(name);
    const { norm, epsilon } = reference;
    const { evaded } = await subject.attack(`autoattack(norm=${norm}, epsilon=${epsilon})`);
    const expected = reference.robust.filter((one) => one === 1).length;
    // An image that is misclassified as it is counts as broken by both.
    const robust = evaded.filter((one) => one === 0).length;
    expect(robust).toBeLessThanOrEqual(expected + MORE);
    await subject.classifier.dispose();
  });
});

it('does as well in l1, where its components differ', async () => {
  const { l1 } = references['mnist-at']!;
  const subject = await openReference('mnist-at');
  const { evaded } = await subject.attack(`autoattack(norm=l1, epsilon=${l1!.epsilon})`, l1!.count);
  const expected = l1!.robust.filter((one) => one === 1).length;
  expect(evaded.filter((one) => one === 0).length).toBeLessThanOrEqual(expected + MORE);
});

it.each(['mnist-lenet', 'mnist-at', 'mnist-at-l2'])(
  '40 steps of pgd are as strong as the libraries on %s',
  async (name) => {
    const { norm, epsilon, pgd40, count } = references[name]!;
    const subject = await openReference(name);
    // Three starts, as the luck of one is worth two images: the mean is what a start finds.
    const robust: number[] = [];
    for (const seed of [1, 2, 3]) {
      const { evaded } = await subject.attack(`pgd(norm=${norm}, epsilon=${epsilon}, steps=40)`, count, seed);
      robust.push(evaded.filter((one) => one === 0).length / count);
    }
    const mean = robust.reduce((sum, one) => sum + one, 0) / robust.length;
    expect(mean).toBeLessThanOrEqual(Math.max(...Object.values(pgd40!)) + 1 / count);
  },
);
