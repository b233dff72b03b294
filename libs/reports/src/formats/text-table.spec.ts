import { textTable } from './text-table';

const head = ['model', 'robust accuracy', 'attack success', 'no attack'];
const rows = [
  ['lenet5', '0.00% (0.00 to 8.03)', '100.00% (91.97 to 100.00)', '99.00%'],
  ['rad(attack=fgs(epsilon=0.5), rounds=2)', '12.00% (5.00 to 20.00)', '88.00% (80.00 to 95.00)', '98.00%'],
];
const widest = (text: string) => Math.max(...text.split('\n').map((line) => line.length));
const shown = (width: number, some = rows, titles = head) => textTable(titles, some, { width, colour: false });

it('is as wide as its texts where there is room', () => {
  expect(shown(Infinity)).toBe(textTable(head, rows));
  expect(widest(shown(Infinity))).toBe(107);
  expect(shown(107)).toBe(shown(Infinity));
});

it.each([100, 80, 60])('keeps to %d columns, and says all that it has to say', (width) => {
  const text = shown(width);
  expect(widest(text)).toBeLessThanOrEqual(width);
  expect(text).toContain('┌');
  for (const word of [...head, ...rows.flat()].flatMap((cell) => cell.split(' '))) expect(text).toContain(word);
});

it('is turned over where that alone gives room', () => {
  const attacks = Array.from({ length: 12 }, (_, index) => `attack-number-${index}`);
  const text = shown(60, [['lenet5', ...attacks.map((_, index) => `${index}%`)]], ['model', ...attacks]);
  expect(text.split('\n')[1]).toMatch(/^│ model +│ lenet5 │$/);
  expect(text.split('\n')[3]).toMatch(/^│ attack-number-0 +│ 0% +│$/);
});

it('has each row by itself where no table fits, with what reaches over columns', () => {
  const text = textTable(
    ['', 'robust accuracy', 'success'],
    [
      [{ content: 'lenet5', colSpan: 3 }],
      ['  worst\n  published', '1%\n2%', { content: '95% interval 0 to 3', colSpan: 1 }],
      ['none', { content: 'all of them', colSpan: 2 }],
    ],
    { width: 12, colour: false },
  );
  expect(text.split('\n')).toEqual([
    '  lenet5',
    '    worst',
    '    robust accuracy: 1%; published 2%',
    '    success: 95% interval 0 to 3',
    '  none',
    '    all of them',
  ]);
});

it('takes no colour for text', () => {
  const red = rows.map((row) => row.map((cell) => `\u001b[31m${cell}\u001b[39m`));
  expect(shown(107, red).split('\n')).toHaveLength(shown(107).split('\n').length);
});
