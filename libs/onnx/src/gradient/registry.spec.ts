import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { writtenOut } from '../graph/normalise/normalise';
import { differentiableOperators, gradientSupport, steppingOperators } from './registry';

const README = readFileSync(join(__dirname, '../../README.md'), 'utf8');

/** The operators that the README lists behind a heading. */
function listed(title: string): string[] {
  const [, list = ''] = new RegExp(`\\*\\*${title}\\*\\*[^:]*: (.*)`).exec(README) ?? [];
  return list.replace(/\.$/, '').split(', ');
}

describe('the README lists', () => {
  it('the operators that have a gradient', () => {
    expect(listed('Exact')).toEqual(differentiableOperators());
  });

  it('those that are written out in others', () => {
    expect(listed('Written out')).toEqual(writtenOut());
  });

  it('those that change in steps only', () => {
    expect(listed('Zero by nature')).toEqual(steppingOperators());
  });
});

it('has one truth about an operator', () => {
  for (const op of differentiableOperators()) expect(gradientSupport(op)).toBe('exact');
  for (const name of steppingOperators()) {
    const [op = '', ...domain] = name.split('.').toReversed();
    expect(gradientSupport(op, domain.toReversed().join('.'))).toBe('zero');
  }
});
