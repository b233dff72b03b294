import { readdirSync } from 'node:fs';

import { metrics } from './registry';

it('registers every metric under the name of its file', () => {
  const files = readdirSync(__dirname).map((file) => file.replace(/\.ts$/, ''));
  expect(files).toEqual(expect.arrayContaining(metrics.names()));
  expect(metrics.names()).toHaveLength(9);
});
