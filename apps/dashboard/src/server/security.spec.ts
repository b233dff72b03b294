import { refusal, securityHeaders } from './security';

const headers = (fields: Record<string, string>) => new Headers(fields);

afterEach(() => {
  delete process.env['RAMPART_TOKEN'];
  delete process.env['RAMPART_HOSTS'];
});

it.each(['127.0.0.1:4000', 'localhost', 'LOCALHOST:80', '[::1]:4000'])('serves this machine as %s', (host) => {
  expect(refusal(headers({ host }), 'GET')).toBeUndefined();
});

it('refuses a name that merely resolves to this machine', () => {
  expect(refusal(headers({ host: 'evil.example:4000' }), 'GET')).toMatch(/does not serve the host "evil.example"/);
  expect(refusal(headers({}), 'GET')).toBeDefined();
});

it('serves further hosts only where a token is asked for', () => {
  process.env['RAMPART_HOSTS'] = ' Lab.example , other.example';
  const asked = headers({ host: 'lab.example' });
  expect(refusal(asked, 'GET')).toBeDefined();
  process.env['RAMPART_TOKEN'] = 'a token';
  expect(refusal(asked, 'GET')).toBeUndefined();
});

it.each([
  [{ 'sec-fetch-site': 'cross-site' }, true],
  [{ 'sec-fetch-site': 'same-site' }, true],
  [{ 'sec-fetch-site': 'same-origin' }, false],
  [{ origin: 'http://localhost:4000' }, false],
  [{ origin: 'http://localhost:5000' }, true],
  [{ origin: 'null' }, true],
  [{}, false],
])('a change asked for with %o is refused: %s', (fields, refused) => {
  const all = headers({ host: 'localhost:4000', ...fields });
  expect(refusal(all, 'POST') !== undefined).toBe(refused);
  expect(refusal(all, 'GET')).toBeUndefined();
});

it('lets no script run without the nonce of the answer', () => {
  const policy = securityHeaders('abc', false)['content-security-policy']!;
  expect(policy).toContain("script-src 'self' 'nonce-abc' 'strict-dynamic';");
  expect(policy).not.toContain('unsafe-eval');
  expect(policy).toContain("frame-ancestors 'none'");
});
