import { openStore } from '@rampart/results';

import { rampart, temporaryFolder } from '../integration/rampart';
import { startDashboard } from './dashboard';

const OWN = 'the-owners-token-1234';

describe('a dashboard that others reach', () => {
  const store = temporaryFolder();

  it('lets in whoever has a token, as far as it goes, and notes who changed what', async () => {
    const opened = await openStore(store, { create: true });
    const { id } = await opened.runs.create({
      ...{ name: 'first', planKey: 'plan', experiment: '', dataset: 'mnist', published: undefined, engine: 'onnx' },
      ...{ seeds: [1], stepsTotal: 1 },
    });
    const token = async (name: string, role: string) => {
      const { stdout } = await rampart(['token', 'add', name, '--role', role, '--store', store]);
      return stdout.trim();
    };
    const [ann, ben] = [await token('ann', 'write'), await token('ben', 'read')];
    const dashboard = await startDashboard(store, { RAMPART_TOKEN: OWN });
    try {
      const { host } = new URL(dashboard.address);
      const cookie = (value: string) => ({ cookie: `rampart-token-${host.split(':')[1]}=${value}` });
      const rename = async (headers: Readonly<Record<string, string>>, name: string) => {
        const answer = await fetch(`${dashboard.address}/api/trpc/runs.rename`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: JSON.stringify({ json: { id, name } }),
        });
        return answer.status;
      };
      const upload = async (headers: Readonly<Record<string, string>>) => {
        const answer = await fetch(`${dashboard.address}/api/uploads`, {
          method: 'POST',
          headers: { 'content-type': 'application/octet-stream', ...headers },
          body: 'no model',
        });
        return answer.status;
      };
      const visit = await fetch(`${dashboard.address}/runs?token=${ben}`, { redirect: 'manual' });
      expect(visit.status).toBe(307);
      expect(new URL(visit.headers.get('location')!, dashboard.address).href).toBe(`${dashboard.address}/runs`);
      expect(visit.headers.get('set-cookie')).toContain(ben);
      // Nobody is offered what they would be refused.
      const seen = async (token: string) => {
        const answer = await fetch(`${dashboard.address}/runs`, { headers: cookie(token) });
        const html = await answer.text();
        return [answer.status, ...['New experiment', 'Actions for first'].map((text) => html.includes(text))];
      };
      expect([await seen(ben), await seen(ann)]).toEqual([
        [200, false, false],
        [200, true, true],
      ]);

      expect(await rename({}, 'nobody')).toBe(401);
      expect(await rename(cookie(`rampart-${'x'.repeat(43)}`), 'a guess')).toBe(401);
      const forged = encodeURIComponent(JSON.stringify({ name: 'ann', role: 'write' }));
      expect(await rename({ ...cookie(ben), 'x-rampart-visitor': forged }, 'ben')).toBe(403);
      expect([await upload({}), await upload(cookie(ben)), await upload(cookie(ann))]).toEqual([401, 403, 422]);
      expect(await rename(cookie(ann), 'by ann')).toBe(200);
      expect(await rename(cookie(OWN), 'by its owner')).toBe(200);
      expect((await opened.runs.get(id)).name).toBe('by its owner');

      await rampart(['token', 'remove', 'ann', '--store', store]);
      expect(await rename(cookie(ann), 'too late')).toBe(401);
      const { stdout } = await rampart(['token', 'log', '--store', store]);
      expect(stdout).toMatch(/owner.*runs\.rename.*by its owner[\s\S]*ann.*runs\.rename.*by ann/);
      expect(stdout).toMatch(/token\.remove.*ann/);
      expect(stdout).not.toContain('too late');
    } finally {
      await dashboard.stop();
      await opened.close();
    }
  });
});
