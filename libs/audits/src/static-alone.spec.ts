import { attacks } from '@rampart/attacks';
import { describeAudit } from '@rampart/testing';

import { inspect } from './inspect.kit';
import { faulty } from './planted.kit';
import { staticAlone } from './static-alone';

describeAudit(staticAlone, { attacks, faulty: faulty('static-alone') });

it('has nothing to say once the run attacks the model itself', async () => {
  const subject = await faulty('static-alone')();
  expect(await inspect(staticAlone, subject)).toMatchObject([{ severity: 'high', evidence: { sources: 'source' } }]);
  expect(await inspect(staticAlone, { ...subject, modes: ['static', 'adaptive'] })).toEqual([]);
  // The undefended model's own examples, replayed on itself.
  expect(await inspect(staticAlone, { ...subject, attacks: subject.transferred })).toEqual([]);
});
