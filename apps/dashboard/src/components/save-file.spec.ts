import { csvText, markdownText } from './save-file';

const TABLE = [
  ['model', 'robust accuracy'],
  ['rad(attack=fgs(epsilon=0.1), rounds=1)', 0.5],
  ['a "b" | c', 1],
] as const;

it('quotes what a spreadsheet would take apart', () => {
  expect(csvText(TABLE)).toBe(
    'model,robust accuracy\r\n"rad(attack=fgs(epsilon=0.1), rounds=1)",0.5\r\n"a ""b"" | c",1\r\n',
  );
});

it('has a line of dashes below the head, and no bar in a cell', () => {
  expect(markdownText(TABLE).split('\n')).toEqual([
    '| model | robust accuracy |',
    '| --- | --- |',
    '| rad(attack=fgs(epsilon=0.1), rounds=1) | 0.5 |',
    '| a "b" \\| c | 1 |',
    '',
  ]);
});
