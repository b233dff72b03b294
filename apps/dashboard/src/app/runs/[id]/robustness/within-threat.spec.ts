import { withinThreat } from './within-threat';

it.each([
  ['pgd(norm=l2, epsilon=1, steps=10)', 'l2', 'pgd(steps=10)'],
  ['pgd(norm=l2, epsilon=1, steps=10)', 'linf', 'pgd(norm=l2, steps=10)'],
  ['fgs(epsilon=8/255)', 'linf', 'fgs'],
  ['fmn(norm=l1)', 'l1', 'fmn'],
  ['mine(list=[1, 2], inner=a(x=1, y=2), epsilon=0.1)', 'linf', 'mine(list=[1, 2], inner=a(x=1, y=2))'],
  ['cg', 'l2', 'cg'],
])('%s under %s is %s', (label, norm, short) => {
  expect(withinThreat(label, norm)).toBe(short);
});
