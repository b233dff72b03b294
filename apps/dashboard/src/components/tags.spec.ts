import { tagsIn } from './tags';

it('reads tags that commas part, and names the first that is none', () => {
  expect(tagsIn(' nightly, to ship ,,v1.2')).toEqual({ tags: ['nightly', 'to ship', 'v1.2'] });
  expect(tagsIn('')).toEqual({ tags: [] });
  expect(tagsIn('nightly, <b>, -x')).toEqual({ wrong: '<b>' });
  expect(tagsIn('x'.repeat(32))).toEqual({ wrong: 'x'.repeat(32) });
});
