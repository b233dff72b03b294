import { z } from 'zod';

import { plainly } from './plainly';

it.each([
  [z.string(), undefined, 'It is missing: expected a text'],
  [z.string(), 3, 'Expected a text'],
  [z.int(), 0.5, 'Expected a whole number'],
  [z.number().positive(), 0, 'Expected a number above 0'],
  [z.int().positive(), 0, 'Expected a number above 0'],
  [z.number().min(0), -1, 'Expected a number at least 0'],
  [z.number().lt(1), 1, 'Expected a number below 1'],
  [z.array(z.string()).min(1), [], 'Expected at least 1 entries'],
  [z.string().max(2), 'abc', 'Expected at most 2 characters'],
  [z.enum(['integer', '8-bit']), 'x', 'Expected integer or 8-bit'],
  [z.enum(['cpu', 'webgpu', 'cuda']), 'x', 'Expected cpu, webgpu or cuda'],
  [z.union([z.string(), z.number()]), true, 'Expected a text or a number'],
  [z.union([z.array(z.string()), z.enum(['all'])]), 'al', 'Expected all'],
  [z.boolean(), 'yes', 'Expected true or false'],
  [z.string().regex(/^a/, 'Expected an a'), 'b', 'Expected an a'],
] as const)('%#: %j is refused by "%s"', (schema, value, message) => {
  expect(z.safeParse(schema, value, { error: plainly }).error?.issues[0]?.message).toBe(message);
});
