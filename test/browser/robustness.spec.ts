import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { openStore, type RobustnessCurveRecord, type RobustnessRecord, type Store } from '@rampart/results';
import type { Browser, Page } from 'playwright-core';

import { rampart } from '../integration/rampart';
import { accessibilityFaults, csvLines, launchBrowser, overflow, type Visit, visit } from './browser';
import { type Dashboard, startRampartDashboard } from './dashboard';
import { faultsEverywhere } from './everywhere';
import { percent } from './percent';
import { experimentFile, experimentWithThreats, storeWithThreats } from './real-store';

const RAD = 'rad(attack=fgs(epsilon=0.1), rounds=1)';

const PAGES = {
  robustness: (id: string) => `/runs/${id}`,
  'robustness of one model': (id: string) => `/runs/${id}?model=lenet5&mode=static`,
  matrix: (id: string) => `/runs/${id}/matrix`,
  curves: (id: string) => `/runs/${id}/curves`,
  'curves of one model': (id: string) => `/runs/${id}/curves?diagram=robustness-l2&of=lenet5`,
};

/** What pages are called among the pictures of the documentation. */
const PICTURES: Readonly<Record<string, string>> = { robustness: 'robustness', curves: 'robustness-curves' };

describe('the dashboard over a run with threats', () => {
  let filled: Awaited<ReturnType<typeof storeWithThreats>>;
  let store: Store;
  let dashboard: Dashboard;
  let browser: Browser;
  let id: string;
  let records: RobustnessRecord[];
  let curves: RobustnessCurveRecord[];
  let current: Visit | undefined;

  beforeAll(async () => {
    filled = await storeWithThreats();
    store = await openStore(filled.store);
    id = (await store.runs.get('latest')).id;
    records = await store.robustness.ofRun(id);
    curves = await store.robustness.curvesOfRun(id);
    dashboard = await startRampartDashboard(filled.store);
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    await dashboard?.stop();
    await store?.close();
    filled?.remove();
  });

  afterEach(async () => {
    await current?.context.close();
    current = undefined;
  });

  async function open(address: string, options?: Parameters<typeof visit>[1]): Promise<Page> {
    current = await visit(browser, options);
    await current.page.goto(dashboard.address + address, { waitUntil: 'load' });
    return current.page;
  }

  const of = (model: string, threat: string, mode: RobustnessRecord['mode'] = 'adaptive') =>
    records.find((one) => one.model === model && one.threat === threat && one.mode === mode)!;

  /** Without what the threat says already. */
  const short = (attack: string) => attack.replace(/(norm=l2, |epsilon=[\d.]+, )/g, '');

  it('says first how the models stand under each threat, over what could be attacked, also without scripts', async () => {
    const page = await open(`/runs/${id}`);
    expect(await page.title()).toBe('Robustness · robust · Rampart');
    for (const threat of ['linf(0.1)', 'l2(1)']) {
      const region = page.getByRole('region', { name: `Under ${threat}`, exact: true });
      for (const record of [of('lenet5', threat), of(RAD, threat)]) {
        const { robustAccuracy, cleanAccuracy, instances, attackable, attacked, model } = record;
        const evaded = Math.round((cleanAccuracy - robustAccuracy) * instances);
        const row = await region.getByRole('row', { name: model }).innerText();
        expect(row).toContain(percent(1 - evaded / attackable));
        expect(row).toContain(percent(evaded / attackable));
        expect(row).toContain(`${attackable} of ${attacked}`);
      }
      // What is undefended is the baseline, however it fares.
      expect(await region.getByRole('row', { name: 'lenet5' }).innerText()).toContain('baseline');
      expect(await region.getByRole('heading').innerText()).not.toContain('Most robust: lenet5');
    }
    const html = await (await page.request.get(`${dashboard.address}/runs/${id}`)).text();
    expect(html).toContain('Worst case under');
    expect(current!.problems).toEqual([]);
  });

  it('has models against attacks and the worst case, white-box before transfer', async () => {
    const page = await open(`/runs/${id}`);
    const table = page.getByRole('table', { name: 'Robust accuracy of each model under each attack of linf(0.1)' });
    const heads = await table.getByRole('rowheader').allInnerTexts();
    expect(heads.map((text) => text.split('.')[0])).toEqual([
      'Adaptive',
      'lenet5',
      RAD.split('.')[0],
      'Transfer (static)',
      'lenet5',
      RAD.split('.')[0],
    ]);
    for (const [place, mode] of [
      [0, 'adaptive'],
      [1, 'static'],
    ] as const) {
      const record = of(RAD, 'linf(0.1)', mode);
      const cells = await table.getByRole('row', { name: RAD }).nth(place).getByRole('cell').allInnerTexts();
      expect(cells.map((text) => text.split('\n')[0])).toEqual(
        [record.cleanAccuracy, ...record.attacks.map((one) => one.robustAccuracy), record.robustAccuracy].map(percent),
      );
      expect(cells.at(-1)).toContain(`${percent(record.low).replace('%', '')} – ${percent(record.high)}`);
    }
  });

  it('has what each attack did to the model that is chosen, and leads to more of it', async () => {
    const page = await open(`/runs/${id}`);
    const table = page.getByRole('table', { name: 'Robust accuracy of each model under each attack of l2(1)' });
    await table.getByRole('link', { name: 'lenet5' }).last().press('Enter');
    await page.waitForURL(/model=lenet5&mode=static/);
    await page.getByRole('table', { name: 'What each attack of l2(1) did to lenet5, transfer' }).waitFor();
    await table.getByRole('link', { name: 'lenet5' }).first().click();
    await page.waitForURL((url) => !url.searchParams.has('mode'));
    const details = page.getByRole('table', { name: 'What each attack of l2(1) did to lenet5, adaptive' });
    await details.waitFor();
    const { attacks } = of('lenet5', 'l2(1)');
    const steps = await store.steps.findAll(attacks.flatMap((one) => one.attackSteps));
    for (const attack of attacks) {
      const row = await details
        .getByRole('row', { name: short(attack.attack) })
        .getByRole('cell')
        .allInnerTexts();
      const seconds = attack.attackSteps.reduce((sum, key) => sum + steps.find((step) => step.key === key)!.seconds, 0);
      expect(row.slice(0, 3)).toEqual(
        [attack.robustAccuracy, attack.cumulativeRobustAccuracy, attack.successRate].map(percent),
      );
      const nearest = attack.attack.startsWith('fab') && attack.medianDistance !== null;
      expect(row[3]).toBe(nearest ? String(Number(attack.medianDistance!.toPrecision(3))) : '–');
      expect(row[6]).toMatch(/^[\d.]+ m?s$/);
      const milliseconds = Number.parseFloat(row[6]!) * (row[6]!.endsWith(' ms') ? 1 : 1000);
      expect(Math.abs(milliseconds - (seconds * 1000) / of('lenet5', 'l2(1)').attacked)).toBeLessThan(60);
    }
    const fab = attacks.find(({ attack }) => attack.startsWith('fab'))!.attack;
    await details.getByRole('link', { name: short(fab) }).click();
    await page.waitForURL(/\/matrix\?model=lenet5&attack=fab/);
    await page.getByRole('complementary', { name: 'Details of the cell' }).getByText('Gradient evaluations').waitFor();
    expect(current!.problems).toEqual([]);
  });

  it('keeps the matrix as a page of its own, where no error rate over all threats makes a headline', async () => {
    const page = await open(`/runs/${id}`);
    await page.getByRole('navigation', { name: 'Run' }).getByRole('link', { name: 'Matrix' }).click();
    await page.getByRole('table', { name: /^Error rate of each model/ }).waitFor();
    await page.getByText('Every example counts here, however far').waitFor();
    expect(await page.getByRole('region', { name: /^(Standing of|Under)/ }).count()).toBe(0);
    const plain = (await store.runs.list({ search: 'plain' })).runs[0]!.id;
    await page.goto(`${dashboard.address}/runs/${plain}`);
    await page.getByRole('region', { name: 'Standing of the models' }).waitFor();
    const tabs = page.getByRole('navigation', { name: 'Run' }).getByRole('link');
    expect(await tabs.allInnerTexts()).toEqual(['Matrix', 'Curves', 'Gallery', 'Models', 'Log']);
  });

  it('draws robust accuracy against epsilon in each norm, with intervals in the file', async () => {
    const page = await open(`/runs/${id}/curves`);
    await page.getByRole('region', { name: 'Robust accuracy, linf' }).waitFor();
    const legend = page.getByRole('list', { name: 'Series' }).getByRole('button');
    expect(await legend.allInnerTexts()).toEqual(['lenet5', RAD]);
    await page.getByText('Robust accuracy, l2', { exact: true }).click();
    await page.waitForURL(/diagram=robustness-l2/);
    await page.getByRole('combobox', { name: 'Model' }).selectOption('lenet5');
    await page.waitForURL(/of=lenet5/);
    expect(await legend.allInnerTexts()).toEqual([
      'worst case',
      'fab(norm=l2, steps=20)',
      'pgd(norm=l2, epsilon=1, steps=10)',
    ]);
    const drawing = page.getByRole('img', { name: /^Robust accuracy, l2/ });
    expect(await drawing.innerHTML()).toContain('>l2(1)<');
    const lines = await csvLines(page);
    expect(lines[0]).toBe('series,epsilon,robust accuracy,low,high,n');
    const own = curves.find(
      (one) => one.model === 'lenet5' && one.mode === 'adaptive' && one.norm === 'l2' && one.attack === 'worst-case',
    )!;
    /** Drawings and their files have six digits. */
    const drawn = (value: number) => Number(value.toPrecision(6));
    const written = lines.filter((line) => line.startsWith('worst case,')).map((line) => line.split(',').map(Number));
    own.points.forEach(([, ...figures], index) =>
      expect(written[index]!.slice(2)).toEqual([...figures.map(drawn), 240]),
    );
    // At the threat's epsilon the drawing says what the table says.
    const threat = of('lenet5', 'l2(1)');
    const at = written.findLast(([, epsilon]) => epsilon! <= 1)!;
    expect(at[2]).toBeLessThanOrEqual(drawn(threat.robustAccuracy));
    expect(lines.find((line) => line.startsWith('"pgd'))).toContain(`,1,${threat.attacks[0]!.robustAccuracy},,,240`);
    const [svg] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'SVG' }).click()]);
    expect(readFileSync(await svg.path(), 'utf8')).not.toMatch(/var\(|light-dark|class=/);
    await drawing.focus();
    await page.keyboard.press('ArrowRight');
    const said = await page.getByRole('status').filter({ hasText: 'epsilon 0' }).innerText();
    expect(said).toContain(percent(threat.cleanAccuracy));
    expect(said).toContain('worst case');
    expect(current!.problems).toEqual([]);
  });

  it('heads the list of runs with robust accuracy, and ranks runs of other threats and attacks apart', async () => {
    const page = await open('/runs');
    const { cleanAccuracy, robustAccuracy, instances, attackable } = of(RAD, 'linf(0.1)');
    const standing = 1 - Math.round((cleanAccuracy - robustAccuracy) * instances) / attackable;
    const row = await page.getByRole('row', { name: /^Choose robust/ }).innerText();
    expect(row).toContain(`${percent(standing)} adaptive`);
    expect(row).toContain('linf(0.1), 1 more');
    expect(await page.getByText(/^Ranked among one another/).count()).toBe(0);
    await page.getByRole('link', { name: 'Robust accuracy' }).click();
    await page.locator('th[aria-sort=descending]').waitFor();
    await page
      .getByText(/^Ranked among one another/)
      .first()
      .waitFor();
    const rankings = await page.getByText(/^Ranked among one another/).allInnerTexts();
    expect(rankings).toHaveLength(2);
    expect(rankings.join()).toContain('whatever the distance, adam, cg, fgs(epsilon=0.1)');
    expect(rankings.join()).toContain('linf(0.1), ');
  });

  it('evaluates an uploaded model under threats that are typed in', async () => {
    const [model] = (await store.models.ofRun(id)).filter((one) => one.label === 'lenet5');
    const page = await open(`/swap-in?artifact=${model!.artifact}&name=mine`);
    const threats = page.getByRole('textbox', { name: 'Threats' });
    await threats.waitFor({ timeout: 120_000 });
    const adam = page.getByRole('checkbox', { name: 'adam', exact: true });
    expect(await adam.isChecked()).toBe(true);
    await threats.fill('linf(0)');
    expect(await adam.isChecked()).toBe(false);
    await page.getByRole('textbox', { name: 'Name of the run' }).fill('my model');
    await page.getByRole('combobox', { name: 'Dataset' }).fill('mnist(classes=[4, 7], trainLimit=500, testLimit=240)');
    await page.getByRole('textbox', { name: 'Further attacks' }).fill('pgd(steps=10)');
    await page.getByRole('button', { name: 'Start the evaluation' }).click();
    await page.getByText('has an epsilon that is not above 0').waitFor();
    await threats.fill('linf(0.1)');
    await page.getByRole('button', { name: 'Start the evaluation' }).click();
    await page.waitForURL(/\/runs\/\d/, { timeout: 120_000 });
    await page.getByText('Done', { exact: true }).waitFor({ timeout: 120_000 });
    const own = of('lenet5', 'linf(0.1)').attacks.find(({ attack }) => attack.startsWith('pgd'))!;
    const headline = page.getByRole('region', { name: 'Under linf(0.1)', exact: true });
    // The same weights under the same attack are as robust as they were where they were trained.
    const { cleanAccuracy, instances, attackable } = of('lenet5', 'linf(0.1)');
    const evaded = Math.round((cleanAccuracy - own.robustAccuracy) * instances);
    await headline
      .getByRole('row', { name: /^mine/ })
      .getByText(percent(1 - evaded / attackable))
      .first()
      .waitFor();
  });

  it('fills while a run goes on', async () => {
    const page = await open('/runs');
    const file = experimentFile(filled.folder, 'live', 2, experimentWithThreats);
    const going = rampart(['run', file, '--store', filled.store]);
    await page.getByRole('link', { name: 'live', exact: true }).click();
    await page.getByText('How a model withstands the threats appears here').waitFor();
    await page.getByRole('region', { name: 'Under l2(1)', exact: true }).waitFor({ timeout: 120_000 });
    expect((await going).code).toBe(0);
    await page.getByText('Done', { exact: true }).waitFor();
    const found = (await store.robustness.ofRun((await store.runs.get('latest')).id)).filter(
      ({ threat, mode }) => threat === 'l2(1)' && mode === 'adaptive',
    );
    const success = ({ cleanAccuracy, robustAccuracy, instances, attackable }: RobustnessRecord) =>
      Math.round((cleanAccuracy - robustAccuracy) * instances) / attackable;
    const region = page.getByRole('region', { name: 'Under l2(1)', exact: true });
    for (const record of found) {
      await region
        .getByRole('row', { name: record.model })
        .getByText(percent(success(record)))
        .first()
        .waitFor();
    }
    expect(current!.problems).toEqual([]);
  });

  it.each(Object.entries(PAGES))(
    'has nothing cut and no serious fault of accessibility on the page "%s", wide and narrow, light and dark',
    async (name, address) => {
      const page = await open(address(id));
      expect(await faultsEverywhere(page, PICTURES[name])).toEqual([]);
    },
  );

  describe('as a site on the disk', () => {
    let folder: string;

    beforeAll(async () => {
      folder = path.join(filled.folder, 'site');
      const { code, stdout } = await rampart([
        'report',
        id,
        '--format',
        'site',
        '--out',
        folder,
        '--examples',
        '3',
        '--store',
        filled.store,
      ]);
      expect([code, stdout]).toEqual([0, '']);
    });

    /** Opens a page from disk: whatever it asks for elsewhere is no good. */
    async function openFile(file: string, options?: Parameters<typeof visit>[1]): Promise<Page> {
      current = await visit(browser, options);
      const { page, problems } = current;
      page.on('request', (request) => {
        if (!request.url().startsWith(`${pathToFileURL(folder).href}/`)) problems.push(request.url());
      });
      page.on('requestfailed', (request) => problems.push(`${request.url()} is not there`));
      await page.goto(pathToFileURL(path.join(folder, file)).href, { waitUntil: 'load' });
      return page;
    }

    it('has every page that it links to, without a script, an error or another address', async () => {
      const page = await openFile('index.html');
      const seen = new Set<string>();
      const left = [page.url()];
      while (left.length > 0) {
        const address = left.pop()!;
        if (seen.has(address)) continue;
        seen.add(address);
        await page.goto(address, { waitUntil: 'load' });
        expect([address, await page.locator('script').count(), await page.locator('h1').count()]).toEqual([
          address,
          0,
          1,
        ]);
        const links = await page.locator('a').evaluateAll((all: HTMLAnchorElement[]) => all.map(({ href }) => href));
        left.push(...links.map((link) => link.split('#')[0]!));
        const broken = await page
          .locator('img')
          .evaluateAll((all: HTMLImageElement[]) =>
            all.filter((image) => image.naturalWidth === 0).map(({ src }) => src),
          );
        expect([address, broken]).toEqual([address, []]);
      }
      const names = [...seen].map((address) => path.relative(folder, fileURLToPath(address)));
      expect(names).toEqual(
        expect.arrayContaining(['robustness.html', 'matrix.html', 'curves.html', 'experiment.html']),
      );
      expect(names.filter((name) => name.startsWith('examples/'))).toHaveLength(3);
      expect(current!.problems).toEqual([]);
    });

    it('has the figures of the store, and says what it leaves out', async () => {
      const page = await openFile('index.html');
      const overview = await page
        .getByRole('region', { name: /^Robust accuracy, worst case: attacks on the model itself/ })
        .innerText();
      for (const threat of ['linf(0.1)', 'l2(1)']) {
        for (const model of ['lenet5', RAD]) {
          expect(overview).toContain(`${(100 * of(model, threat).robustAccuracy).toFixed(2)}%`);
        }
      }
      await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Examples' }).click();
      const { attacked } = of('lenet5', 'linf(0.1)');
      await page.getByText(`The first 3 test samples that the first model recognises, of ${attacked}`).waitFor();
      await page.getByRole('rowheader').getByRole('link').first().click();
      await page.getByRole('heading', { name: /^Test sample/ }).waitFor();
      const testIndex = Number(/(\d+)\.html$/.exec(page.url())![1]);
      const cells = await store.cells.ofRun(id, { model: 'lenet5', mode: 'adaptive', metric: 'error-rate' });
      const pgd = cells.find(({ attack }) => attack.startsWith('pgd(epsilon'))!;
      const [instance] = await store.instances.ofTestIndex([pgd.evaluateStep], testIndex);
      const article = page.getByRole('article').filter({ hasText: pgd.attack }).first();
      const text = await article.innerText();
      expect(text).toContain(String(Number(instance!.linf.toPrecision(4))));
      expect(text).toContain(`${(100 * instance!.confidenceAfter).toFixed(1)}%`);
      expect(text).toContain('amplified 10 times');
      expect(current!.problems).toEqual([]);
    });

    it('hides a series whose box is not checked', async () => {
      const page = await openFile('curves.html');
      const figure = page.getByRole('figure').first();
      const line = figure.locator('.series-1 .line');
      expect(await line.isVisible()).toBe(true);
      await figure.getByRole('checkbox').first().uncheck();
      expect(await line.isVisible()).toBe(false);
    });

    it.each(['index.html', 'robustness.html', 'curves.html', 'examples.html'])(
      'has no serious fault of accessibility in %s, light and dark, wide and narrow',
      async (file) => {
        for (const [width, theme] of [
          [1280, 'light'],
          [390, 'dark'],
        ] as const) {
          const page = await openFile(file, { width, theme });
          expect([width, theme, await accessibilityFaults(page)]).toEqual([width, theme, []]);
          expect([width, await overflow(page)]).toEqual([width, 0]);
          await current!.context.close();
        }
      },
    );
  });
});
