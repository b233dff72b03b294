import { attacks } from '@rampart/attacks';
import { describeAudit } from '@rampart/testing';

import { inspect } from './inspect.kit';
import { chance } from './chance';
import { faulty, figure } from './planted.kit';

describeAudit(chance, { attacks, faulty: faulty('chance') });

it('tells worse than chance from too few to tell', async () => {
  expect(await inspect(chance, await faulty('chance')())).toMatchObject([{ severity: 'high' }]);
  const subject = await figure(() => ({}), { instances: 4 });
  const unequal = { ...subject, test: { ...subject.test, labels: Int32Array.of(0, 0, 0, 1) } };
  expect(await inspect(chance, { ...unequal, clean: Int32Array.of(0, 0, 0, 1) })).toMatchObject([
    { severity: 'medium' },
  ]);
  expect(await inspect(chance, { ...unequal, clean: Int32Array.of(0, 0, 0, 0) })).toMatchObject([{ severity: 'high' }]);
});
