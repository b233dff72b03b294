import { readdirSync } from 'node:fs';

import { audits } from './registry';

it('registers every audit under the name of its file', () => {
  const files = readdirSync(__dirname).map((file) => file.replace(/\.ts$/, ''));
  expect(files).toEqual(expect.arrayContaining(audits.names()));
  expect(audits.names()).toHaveLength(24);
});
