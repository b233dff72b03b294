import { attacks } from '@rampart/attacks';
import { describeAudit } from '@rampart/testing';

import { inspect } from './inspect.kit';
import { faulty, figure } from './planted.kit';
import { rounding } from './rounding';

describeAudit(rounding, { attacks, faulty: faulty('rounding') });

it('weighs examples of a ball more than the nearest ones, which lie on the edge', async () => {
  expect(await inspect(rounding, await faulty('rounding')())).toMatchObject([
    { severity: 'medium', attack: 'pgd(epsilon=0.0019)' },
  ]);
  const nearest = await figure(() => ({ attacks: ['fmn(norm=linf)'] }));
  const [doubt] = await inspect(rounding, nearest);
  expect(doubt!.severity).toBe('low');
  expect(doubt!.evidence['lost']).toBeGreaterThan(19);
});

it('says nothing of images of 256 levels that stay ones', async () => {
  const subject = await figure(() => ({ attacks: ['fgs(epsilon=0.0392156862745098)'] }));
  expect(await inspect(rounding, subject)).toEqual([]);
});

it('says nothing of samples that are no images, which have no levels', async () => {
  const subject = await faulty('rounding')();
  const shape = { ...subject.shape, dims: [subject.shape.channels * subject.shape.height * subject.shape.width] };
  expect(await inspect(rounding, { ...subject, shape })).toEqual([]);
});
