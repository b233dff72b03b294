import { claimedAccuracy } from './claimed-accuracy';

describe('the accuracy that a file claims', () => {
  it.each([
    ['accuracy', '0.987', 0.987],
    ['test_acc', '98.7%', 0.987],
    ['clean accuracy', '91', 0.91],
    ['top1_accuracy', '76.1', 0.761],
    ['Acc@1', '76', undefined],
    ['accuracy', 'high', undefined],
    ['accuracy', '', undefined],
    ['accuracy', '-3', undefined],
    ['rampart.shape', '1x28x28', undefined],
  ])('%s: %s', (key, text, expected) => {
    const found = claimedAccuracy(new Map([[key, text]]));
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found).toBeCloseTo(expected, 12);
  });
});
