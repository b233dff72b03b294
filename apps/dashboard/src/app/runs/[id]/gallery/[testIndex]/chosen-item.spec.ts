import { chosenItem } from './chosen-item';

const item = (model: string, attack: string, outcome: 'evaded' | 'resisted') => ({ model, attack, outcome });
const ITEMS = [item('lenet5', 'fgs', 'resisted'), item('lenet5', 'cg', 'evaded'), item('rad', 'cg', 'resisted')];

it('takes what the address names', () => {
  expect(chosenItem(ITEMS, { model: 'rad', attack: 'cg' })).toBe(ITEMS[2]);
  expect(chosenItem(ITEMS, { model: 'rad' })).toBe(ITEMS[2]);
});

it('begins with an example that evades where nothing is named, or nothing that there is', () => {
  expect(chosenItem(ITEMS, {})).toBe(ITEMS[1]);
  expect(chosenItem(ITEMS, { model: 'gone' })).toBe(ITEMS[1]);
  expect(chosenItem([], {})).toBeUndefined();
});
