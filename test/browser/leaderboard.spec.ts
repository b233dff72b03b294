import { openStore, type RobustnessRecord } from '@rampart/results';
import type { Browser } from 'playwright-core';

import { temporaryFolder } from '../integration/rampart';
import { launchBrowser, visit } from './browser';
import { type Dashboard, startDashboard } from './dashboard';

const MODELS = 120;

describe('a long leaderboard', () => {
  const folder = temporaryFolder();
  let dashboard: Dashboard;
  let browser: Browser;

  beforeAll(async () => {
    const store = await openStore(folder, { create: true });
    const { id } = await store.runs.create({
      ...{ name: 'many', planKey: 'plan', experiment: '', dataset: 'mnist', published: undefined, engine: 'onnx' },
      ...{ seeds: [1], stepsTotal: 1 },
    });
    const figures = { cleanAccuracy: 1, low: 0, high: 1, instances: MODELS, attacked: MODELS, attackable: MODELS };
    const ball = { threat: 'linf(0.1)', norm: 'linf', epsilon: 0.1, notes: [], step: 's' } as const;
    const attack = { attack: 'pgd', successRate: 0, medianDistance: null, attackSteps: ['a'] };
    const records = Array.from({ length: MODELS }, (_, index): RobustnessRecord => {
      const robustAccuracy = 1 - index / MODELS;
      const counts = { cumulativeRobustAccuracy: robustAccuracy, gradientEvaluations: 1, forwardEvaluations: 1 };
      const model = `${index % 3 === 0 ? 'odd' : 'even'}-${index + 1}`;
      return {
        ...{ runId: id, seed: 1, model, mode: 'adaptive', ...ball, ...figures, robustAccuracy },
        attacks: [{ ...attack, ...counts, robustAccuracy }],
      };
    });
    await store.robustness.put(records, [], 0);
    await store.close();
    dashboard = await startDashboard(folder);
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await dashboard?.stop();
  });

  it('draws more rows as somebody reads on, and is filtered and sorted whole, without the server', async () => {
    const { page, problems } = await visit(browser);
    const asked: string[] = [];
    await page.goto(`${dashboard.address}/leaderboard`, { waitUntil: 'load' });
    const rows = page.locator('tbody tr');
    const first = rows.first().getByRole('rowheader');
    await page.getByText('90 more models').waitFor();
    expect(await rows.count()).toBe(30);
    page.on('request', (request) => {
      // Pages that links lead to are fetched beforehand, whenever the browser has time: nobody asked.
      if (request.headers()['next-router-prefetch'] === undefined) asked.push(request.url());
    });
    // What only the last ones have is found among all.
    const search = page.getByRole('searchbox', { name: 'Search the leaderboard' });
    await search.fill('odd-118');
    await page.getByText('1 model, linf(0.1).').waitFor();
    expect([await rows.count(), await first.innerText()]).toEqual([1, expect.stringContaining('odd-118')]);
    await page.waitForURL(/\?search=odd-118$/);
    await search.fill('');
    await page.waitForURL(/\/leaderboard$/);
    await page.getByRole('button', { name: 'Robust accuracy' }).click();
    await page.waitForURL(/\?order=robust&dir=asc$/);
    await first.getByText('even-120').waitFor();
    expect(asked.filter((address) => /_rsc=|leaderboard\.rows/.test(address))).toEqual([]);
    for (const left of [30, 60, 90, MODELS]) {
      await rows.nth(left - 1).scrollIntoViewIfNeeded();
      await rows.nth(Math.min(left, MODELS - 1)).waitFor();
    }
    await rows
      .nth(MODELS - 1)
      .getByText('100.0%')
      .first()
      .waitFor();
    expect(await page.getByText('more model').count()).toBe(0);
    // As it was left, for whoever gets the link.
    await page.goto(`${page.url()}&search=odd`, { waitUntil: 'load' });
    await page.getByText('40 models, linf(0.1).').waitFor();
    await first.getByText('odd-118').waitFor();
    expect(problems).toEqual([]);
  });
});
