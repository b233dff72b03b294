import { readFields, STARTING_TEXT, withField } from './experiment-text';

it('reads what a form shows, and nothing of what is no experiment', () => {
  expect(readFields(STARTING_TEXT)).toEqual({
    ...{ name: 'my experiment', dataset: 'mnist(classes=[4, 7])', models: ['lenet5'], threats: ['linf(0.1)'] },
    ...{ attacks: ['pgd(steps=40)', 'fab'], defenses: ['rad(attack=fgs(epsilon=0.1))'], seeds: ['1'] },
  });
  for (const text of ['', 'one', '- a\n- b\n', 'name: [', 'a: b: c']) expect(readFields(text)).toBeUndefined();
});

it('changes one field and leaves comments and the others as they are', () => {
  const text = '# mine\nname: a # its name\nattacks: [cg]\nsweeps: []\n';
  expect(withField(text, 'attacks', ['cg', 'pgd(steps=10, epsilon=8/255)'])).toBe(
    '# mine\nname: a # its name\nattacks: [cg, "pgd(steps=10, epsilon=8/255)"]\nsweeps: []\n',
  );
  expect(withField(text, 'attacks', [])).toBe('# mine\nname: a # its name\nsweeps: []\n');
  expect(withField(text, 'name', 'b')).toContain('name: b # its name');
  expect(withField('name: [', 'name', 'b')).toBe('name: [');
});
