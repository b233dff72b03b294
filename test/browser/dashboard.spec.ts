import { readFileSync } from 'node:fs';
import path from 'node:path';

import { checksum, mcnemar, NORMS } from '@rampart/core';
import { possibleErrors } from '@rampart/reports';
import { type CellRecord, openStore, type Store } from '@rampart/results';
import type { Browser, Locator, Page } from 'playwright-core';

import { rampart, ROOT } from '../integration/rampart';
import { csvLines, launchBrowser, type Visit, visit } from './browser';
import { type Dashboard, startRampartDashboard } from './dashboard';
import { faultsEverywhere, faultsHere, WIDTHS } from './everywhere';
import { percent } from './percent';
import { experimentFile, realStore } from './real-store';

/** Pages that show something of a run, by what they are called here. */
const PAGES = {
  runs: () => '/runs',
  matrix: (id: string) => `/runs/${id}`,
  transfer: (id: string) => `/runs/${id}?mode=static`,
  cell: (id: string) => `/runs/${id}?model=lenet5&attack=cg`,
  curves: (id: string) => `/runs/${id}/curves`,
  budget: (id: string) => `/runs/${id}/curves?diagram=distortion`,
  loss: (id: string) => `/runs/${id}/curves?diagram=attack-loss&attack=cg`,
  gallery: (id: string) => `/runs/${id}/gallery?outcome=evaded`,
  image: (id: string, testIndex: number) => `/runs/${id}/gallery/${testIndex}?attack=cg`,
  'models of a run': (id: string) => `/runs/${id}/models`,
  log: (id: string) => `/runs/${id}/log`,
  models: () => '/models',
  model: (_id: string, _testIndex: number, model: string) => `/models/${model}`,
  leaderboard: () => '/leaderboard',
  experiment: (id: string) => `/experiment?run=${id}`,
  workers: () => '/workers',
  compare: (id: string) => `/compare?runs=${id}`,
  'compare nothing': () => '/compare',
  missing: () => '/runs/nothing',
};

describe('the dashboard over real runs', () => {
  let filled: Awaited<ReturnType<typeof realStore>>;
  let store: Store;
  let dashboard: Dashboard;
  let browser: Browser;
  let first: string;
  let second: string;
  let cells: CellRecord[];
  /** A test sample that was attacked. */
  let attacked: number;
  let current: Visit | undefined;

  beforeAll(async () => {
    filled = await realStore();
    store = await openStore(filled.store);
    const { runs } = await store.runs.list({ order: 'started', descending: false });
    [first, second] = runs.map((run) => run.id) as [string, string];
    cells = await store.cells.ofRun(first);
    const { evaluateStep } = measured({ attack: 'cg', mode: 'adaptive' });
    attacked = (await store.instances.ofStep(evaluateStep))[0]!.testIndex;
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

  /** Opens a page; whatever its console says ends the test that does not look at it. */
  async function open(address: string, options?: Parameters<typeof visit>[1]): Promise<Page> {
    current = await visit(browser, options);
    await current.page.goto(dashboard.address + address, { waitUntil: 'load' });
    return current.page;
  }

  const measured = (over: Partial<CellRecord>) =>
    cells.find((cell) => Object.entries(over).every(([key, value]) => cell[key as keyof CellRecord] === value))!;

  describe('the list of runs', () => {
    it('shows every run with its state, models and how its defense stands, the latest first', async () => {
      const page = await open('/runs');
      const rows = page.locator('tbody tr');
      expect(await rows.count()).toBe(2);
      expect(await rows.nth(0).innerText()).toContain('second');
      const text = await rows.nth(1).innerText();
      expect(text).toContain('first');
      expect(text).toContain('Done');
      expect(text).toContain('lenet5, rad(attack=adam)');
      const standing = (await store.standings.ofRuns([first])).find(
        ({ model, mode }) => model === 'rad(attack=adam)' && mode === 'adaptive',
      )!;
      const { attackable, evaded } = standing;
      expect(text).toContain(`${percent(1 - evaded / attackable)} adaptive`);
      expect(text).toContain(`of ${attackable}`);
      expect(text).not.toContain('lenet5, undefended');
      expect(current!.problems).toEqual([]);
    });

    it('keeps search, filter and order in the address, also for whoever opens it anew', async () => {
      const page = await open('/runs');
      await page.getByRole('searchbox').fill('FIRS');
      await page.waitForURL(/search=FIRS/);
      await page.getByText('1 run found').waitFor();
      await page.getByRole('combobox', { name: 'State' }).selectOption('failed');
      await page.getByText('No run matches').waitFor();
      await page.reload();
      await page.getByText('No run matches').waitFor();
      await page.getByRole('button', { name: 'Clear the filters' }).click();
      await page.waitForURL((url) => url.search === '');
      await page.getByRole('link', { name: 'Run', exact: true }).click();
      await page.waitForURL(/order=name/);
      await page.locator('th[aria-sort=ascending]').waitFor();
      expect(await page.locator('tbody tr').first().innerText()).toContain('first');
      // What the experiment says is searched too, and the way back from a run is to the list as it was.
      await page.getByRole('searchbox').fill('epsilon=0.1');
      await page.waitForURL(/search=epsilon/);
      await page.getByText('2 runs found').waitFor();
      await page.getByRole('link', { name: 'first', exact: true }).click();
      await page.getByRole('navigation', { name: 'Breadcrumb' }).getByRole('link', { name: 'Runs' }).click();
      await page.waitForURL(/search=epsilon.*order=name|order=name.*search=epsilon/);
      await page.goto(`${dashboard.address}/runs?page=99`);
      await page.getByRole('heading', { name: 'There is no page 99' }).waitFor();
      await page.getByRole('button', { name: 'The first of 1 page' }).click();
      await page.getByRole('link', { name: 'first', exact: true }).waitFor();
    });

    it('renames, tags, filters by tag, and deletes with a way back', async () => {
      const extra = await rampart(['run', experimentFile(filled.folder, 'third'), '--store', filled.store, '--json']);
      expect(extra.code).toBe(0);
      const page = await open('/runs');
      const menu = () => page.getByRole('row', { name: /third|renamed/ }).getByRole('button', { name: /^Actions for/ });
      await menu().click();
      await page.getByRole('menuitem', { name: 'Rename' }).click();
      await page.getByRole('textbox', { name: 'Name' }).fill('renamed run');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('link', { name: 'renamed run' }).waitFor();
      await menu().click();
      await page.getByRole('menuitem', { name: 'Edit tags' }).click();
      await page.getByRole('textbox', { name: /^Tags/ }).fill('keep, camera ready');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('link', { name: 'camera ready' }).click();
      await page.waitForURL(/tag=camera/);
      await page.getByText('1 run found').waitFor();
      await menu().click();
      await page.getByRole('menuitem', { name: 'Delete' }).click();
      await page.getByRole('button', { name: 'Undo' }).click();
      await page.getByText('1 run found').waitFor();
      const tab = await current!.context.newPage();
      await tab.goto(`${dashboard.address}/runs/${(await store.runs.get('latest')).id}`);
      await menu().click();
      await page.getByRole('menuitem', { name: 'Delete' }).click();
      await page.getByText('No run matches').waitFor();
      // Where its pages are open still, they say that it is gone.
      await tab.getByRole('navigation', { name: 'Run' }).getByRole('link', { name: 'Curves' }).click();
      await tab.getByText('There is no such run').waitFor();
      expect((await store.runs.list()).total).toBe(2);
      // Its steps were those of the first run, and stay.
      expect((await store.runSteps.ofRun(first)).every((step) => step.finishedAt !== undefined)).toBe(true);
      expect(current!.problems).toEqual([]);
    });
  });

  describe('the matrix', () => {
    it('has every measured error rate with its interval, and the published one beside it', async () => {
      const page = await open(`/runs/${first}`);
      expect(await page.title()).toBe('Error rate, adaptive · first · Rampart');
      const table = page.getByRole('table', { name: /^Error rate of each model/ });
      const most = possibleErrors(cells);
      for (const model of ['lenet5', 'rad(attack=adam)']) {
        const row = await table
          .getByRole('row', { name: new RegExp(`^${model.replace(/[()]/g, '\\$&')}`) })
          .innerText();
        for (const attack of ['fgs(epsilon=0.1)', 'cg', 'adam', 'worst-case']) {
          const cell = measured({ model, attack, mode: 'adaptive', metric: 'error-rate', seed: 1 });
          expect(row).toContain(percent(cell.value));
          // No more instances can be wrong than are attacked, besides those that are anyway.
          expect(row).toContain(percent(Math.min(cell.high, most(cell))));
        }
        expect(row).toContain(percent(measured({ model, mode: 'clean', metric: 'error-rate' }).value));
      }
      expect(await table.innerText()).toContain('pub. 48.2%');
      expect(await table.innerText()).toContain('pub. 40.2%');
      expect(current!.problems).toEqual([]);
    });

    it('begins with how the models stand, over what could be attacked, before error rates', async () => {
      const page = await open(`/runs/${first}`);
      const standing = page.getByRole('region', { name: 'Standing of the models' });
      const table = standing.getByRole('table', { name: /^Robust accuracy and attack success of each model/ });
      for (const { model, attackable, evaded, attacked } of await store.standings.ofRuns([first])) {
        const row = await table
          .getByRole('row', { name: new RegExp(`^${model.replace(/[()]/g, '\\$&')}`) })
          .innerText();
        expect(row).toContain(`${attackable} of ${attacked}`);
        if (model === 'lenet5') expect([row, row.includes('baseline')]).toEqual([row, true]);
        else expect(evaded).toBeLessThanOrEqual(attackable);
      }
      const [text, below] = await Promise.all(
        [standing, page.getByRole('table', { name: /^Error rate of each model/ })].map((one) => one.boundingBox()),
      );
      expect(text!.y).toBeLessThan(below!.y);
      expect(await standing.innerText()).not.toMatch(/most robust: lenet5/i);
      expect(current!.problems).toEqual([]);
    });

    it('switches between white-box and transfer, and between metrics, by keyboard too', async () => {
      const page = await open(`/runs/${first}`);
      await page.getByRole('radio', { name: 'Adaptive' }).focus();
      await page.keyboard.press('ArrowRight');
      await page.waitForURL(/mode=static/);
      await page
        .getByText(/^Transfer: examples made against the undefended model/)
        .first()
        .waitFor();
      const row = page.getByRole('row', { name: /^rad/ }).last();
      const { value } = measured({ model: 'rad(attack=adam)', attack: 'cg', mode: 'static', metric: 'error-rate' });
      expect(await row.innerText()).toContain(percent(value));
      await page.getByLabel('Metric').selectOption('distortion');
      await page.waitForURL(/metric=distortion/);
      const distortion = measured({ model: 'lenet5', attack: 'cg', mode: 'static', metric: 'distortion' });
      await page.getByText(distortion.value.toFixed(4)).first().waitFor();
      await page.goto(`${dashboard.address}/runs/${first}?metric=nope`);
      await page.getByRole('heading', { name: 'This run has no metric “nope”' }).waitFor();
    });

    it('is chosen from and told apart where the system has a few colours of its own', async () => {
      const page = await open(`/runs/${first}?model=lenet5&attack=cg`);
      await page.emulateMedia({ forcedColors: 'active' });
      const colour = (place: Locator) => place.evaluate((element) => getComputedStyle(element).backgroundColor);
      const mode = (name: string) => page.locator('label').filter({ has: page.getByRole('radio', { name }) });
      expect(await colour(mode('Adaptive'))).not.toBe(await colour(mode('Transfer (static)')));
      const tab = (name: string) => page.getByRole('navigation', { name: 'Run' }).getByRole('link', { name });
      expect(await colour(tab('Matrix'))).not.toBe(await colour(tab('Curves')));
      const cells = page.getByRole('table', { name: /^Error rate of each model/ }).getByRole('link');
      const colours = await cells.evaluateAll((all) => all.map((one) => getComputedStyle(one).backgroundColor));
      expect(new Set(colours).size).toBeGreaterThan(2);
    });

    it('has figures that can be read on every shade of its scale, light and dark', async () => {
      const page = await open(`/runs/${first}`);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        const worst = await page
          .getByRole('table', { name: /^Error rate of each model/ })
          .getByRole('link')
          .first()
          .evaluate((cell: HTMLElement) => {
            const pixel = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
            const luminance = (colour: string) => {
              pixel.fillStyle = colour;
              pixel.fillRect(0, 0, 1, 1);
              const [red, green, blue] = [...pixel.getImageData(0, 0, 1, 1).data].map((byte) => {
                const share = byte / 255;
                return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
              });
              return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
            };
            let least = Infinity;
            for (let share = 0; share <= 1; share += 0.01) {
              cell.style.setProperty('--v', String(share));
              const { backgroundColor, color } = getComputedStyle(cell);
              const [dark, light] = [backgroundColor, color].map(luminance).sort((a, b) => a - b);
              least = Math.min(least, (light! + 0.05) / (dark! + 0.05));
            }
            return least;
          });
        // As WCAG asks of text of this size.
        expect([colorScheme, worst >= 4.5, worst]).toEqual([colorScheme, true, worst]);
      }
    });

    it('opens a cell to its figures, cost, convergence and instances', async () => {
      const page = await open(`/runs/${first}`);
      const { value } = measured({ model: 'lenet5', attack: 'cg', mode: 'adaptive', metric: 'error-rate' });
      await page
        .getByRole('row', { name: /^lenet5/ })
        .getByRole('link', { name: percent(value) })
        .nth(0)
        .press('Enter');
      const panel = page.getByRole('complementary', { name: 'Details of the cell' });
      await panel.getByText('Instances that had evaded, by iteration').waitFor();
      expect(page.url()).toMatch(/model=lenet5&attack=/);
      const cost = measured({ model: 'lenet5', attack: 'cg', mode: 'adaptive', metric: 'gradient-evaluations' });
      await page.goto(`${dashboard.address}/runs/${first}?model=lenet5&attack=cg`);
      const figures = await panel.innerText();
      expect(figures).toContain(cost.value >= 100 ? String(Math.round(cost.value)) : cost.value.toFixed(1));
      expect(figures).toContain('Evading instances by distortion');
      expect(figures).toContain('Loss of the attack: mean signed margin');
      expect(figures).toMatch(/Attack\s+cg \d+ \(core \d/);
      // It stays open beside the other examples, and the arrows lead from its cell to the next.
      await page.getByRole('radio', { name: 'Transfer (static)' }).check();
      await page.waitForURL(/mode=static/);
      await panel.getByText('under cg, transfer').waitFor();
      await page.getByRole('radio', { name: 'Adaptive' }).check();
      await panel.getByText('under cg, adaptive').waitFor();
      const cellOf = (attack: string) => page.getByRole('link', { name: new RegExp(`% of lenet5 ${attack}`) });
      await cellOf('under cg').focus();
      await page.keyboard.press('ArrowLeft');
      await page.keyboard.press('ArrowLeft');
      expect(await cellOf('without an attack').evaluate((link) => link === document.activeElement)).toBe(true);
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Escape');
      await panel.waitFor({ state: 'detached' });
      expect(await page.evaluate(() => document.activeElement?.textContent)).toMatch(/of rad.* without an attack/);
      await cellOf('under cg').click();
      await panel.getByRole('link', { name: 'examples' }).click();
      await page.waitForURL(/\/gallery\?model=lenet5&attack=cg/);
    });

    it('gives each claim a verdict that its figures explain', async () => {
      const page = await open(`/runs/${first}`);
      const claims = page.getByRole('region', { name: /claims/ });
      expect(await claims.getByRole('listitem').filter({ hasText: /^C/ }).count()).toBeGreaterThanOrEqual(7);
      await claims.getByText('C3').click();
      await claims.getByText(/clean error of rad\(attack=adam\)/).waitFor();
    });
  });

  it('draws curves, toggles series in the address, and exports what is shown', async () => {
    const page = await open(`/runs/${first}/curves?diagram=recall-epsilon`);
    const points = await store.curves.ofRun(first, 'recall-epsilon');
    const series = [...new Set(points.map((point) => point.series))];
    const legend = page.getByRole('list', { name: 'Series' }).getByRole('button');
    expect(await legend.allInnerTexts()).toEqual(series);
    await legend.nth(0).click();
    await page.waitForURL(/hide=0/);
    const lines = await csvLines(page);
    const left = points.filter((point) => point.series !== series[0]);
    expect(lines[0]).toBe('series,epsilon,recall');
    expect(lines.slice(1).map((line) => Number(line.split(',').at(-1)))).toEqual(left.map((point) => point.y));
    const [svg] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'SVG' }).click()]);
    const drawing = readFileSync(await svg.path(), 'utf8');
    expect(drawing).toMatch(/^<svg[^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(drawing).not.toMatch(/var\(|light-dark|class=/);
    await page.getByLabel('log y').check();
    await page.waitForURL(/logy=1/);
    await page.getByRole('img', { name: /^Recall against epsilon/ }).focus();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('status').filter({ hasText: 'epsilon' }).waitFor();
    expect(current!.problems).toEqual([]);
  });

  it('zooms a chart by a drag, by keys and by buttons, in an address that opens as sent', async () => {
    const page = await open(`/runs/${first}/curves?diagram=recall-epsilon`);
    const chart = page.getByRole('img', { name: /^Recall against epsilon/ });
    const zoom = () => (new URL(page.url()).searchParams.get('zoom') ?? '').split('~').map(Number);
    // Until it is the browser's, a drag is of a picture.
    await chart.focus();
    await page.keyboard.press('+');
    await page.waitForURL(/zoom=/);
    // Epsilon goes from 0.1 to 0.5.
    expect(zoom()).toEqual([0.2, 0.4]);
    await page.keyboard.press('Shift+ArrowRight');
    await page.waitForURL(/zoom=0.25/);
    await page.reload();
    await chart.focus();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('status').filter({ hasText: 'epsilon 0.3' }).waitFor();
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.waitForURL((url) => !url.searchParams.has('zoom'));
    const { x, y, width } = (await chart.boundingBox())!;
    await page.mouse.move(x + width / 2, y + 100);
    await page.mouse.down();
    await page.mouse.move(x + width - 5, y + 120, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/zoom=/);
    expect(zoom()[0]).toBeGreaterThan(0.25);
    expect(zoom()[0]).toBeLessThan(0.35);
    expect(zoom()[1]).toBe(0.5);
    expect(current!.problems).toEqual([]);
  });

  it('draws how the loss of an attack falls on each model', async () => {
    const page = await open(`/runs/${first}/curves?diagram=attack-loss`);
    const points = await store.curves.ofRun(first, 'attack-loss');
    await page.getByLabel('Attack', { exact: true }).selectOption('cg');
    await page.waitForURL(/attack=cg/);
    const legend = page.getByRole('list', { name: 'Series' }).getByRole('button');
    expect(await legend.allInnerTexts()).toEqual(['lenet5', 'rad(attack=adam)']);
    const values = (await csvLines(page)).slice(1);
    const known = points.filter((point) => point.series === 'cg').map((point) => point.y);
    expect(values.map((line) => Number(line.split(',').at(-1)))).toEqual(known);
    expect(known[0]).toBeGreaterThan(0);
    expect(known.at(-1)).toBeLessThan(0);
    expect(current!.problems).toEqual([]);
  });

  it('pages through the gallery, filters it, and shows one image under every attack on every model', async () => {
    const page = await open(`/runs/${first}/gallery?attack=adam&model=lenet5`);
    const evaluation = measured({
      model: 'lenet5',
      attack: 'adam',
      mode: 'adaptive',
      metric: 'error-rate',
    }).evaluateStep;
    const all = await store.instances.ofStep(evaluation);
    const evades = (one: (typeof all)[number]) =>
      one.predictionAfter !== one.label && one.predictionBefore === one.label;
    const evaded = all.filter(evades);
    const instances = [...evaded, ...all.filter((one) => !evades(one))];
    await page.getByText(`${instances.length} instances`).waitFor();
    const cards = page.getByRole('article');
    expect(await cards.count()).toBe(24);
    await page.getByRole('article', { name: `Test sample ${evaded[0]!.testIndex}`, exact: true }).waitFor();
    for (const width of [...WIDTHS, 1800]) {
      await page.setViewportSize({ width, height: 900 });
      const tops = await cards.evaluateAll((all) => all.map((one) => one.getBoundingClientRect().top));
      const inLine = (top: number) => tops.filter((one) => one === top).length;
      expect([width, inLine(tops.at(-1)!)]).toEqual([width, inLine(tops[0]!)]);
    }
    expect(await cards.nth(0).getByRole('img').count()).toBe(3);
    // The pictures are really drawn: an original has dark and light pixels.
    const shades = await cards
      .nth(0)
      .locator('canvas')
      .nth(0)
      .evaluate((canvas: HTMLCanvasElement) => {
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        return [...new Set(data.filter((_, index) => index % 4 === 0))].length;
      });
    expect(shades).toBeGreaterThan(10);
    await page.keyboard.press('n');
    await page.waitForURL(/page=2/);
    await page.getByRole('article', { name: `Test sample ${instances[24]!.testIndex}`, exact: true }).waitFor();
    await page.getByLabel('Outcome').selectOption('evaded');
    await page.getByText(`${evaded.length} instances`).waitFor();
    await page.getByLabel('Order').selectOption('distortion');
    await page.waitForURL(/order=distortion/);
    const least = evaded.reduce((a, b) => (b.distortion < a.distortion ? b : a));
    await page.locator('article:first-child').getByText(least.distortion.toFixed(4)).waitFor();
    await page.getByLabel('Order').selectOption('evaded');
    await page.waitForURL((url) => !url.search.includes('order='));
    await page.getByRole('link', { name: `Test sample ${evaded[0]!.testIndex} under every attack` }).click();
    const table = page.getByRole('table', { name: /^Test sample/ });
    await table.waitFor();
    expect(await table.getByRole('columnheader').allInnerTexts()).toHaveLength(4);
    expect(await table.getByRole('rowheader').allInnerTexts()).toEqual(['lenet5', 'rad(attack=adam)']);
    expect(current!.problems).toEqual([]);
  });

  it('shows all that is known of an instance, in an address that opens as sent', async () => {
    const page = await open(`/runs/${first}/gallery/${attacked}`);
    await page.getByRole('link', { name: 'Details of cg on lenet5' }).click();
    await page.waitForURL(/model=lenet5&attack=cg/);
    await page.reload();
    const details = page.getByRole('region', { name: 'Details' });
    await details.getByRole('heading', { name: 'cg on lenet5' }).waitFor();

    const { evaluateStep } = measured({ model: 'lenet5', attack: 'cg', mode: 'adaptive' });
    const [step] = await store.steps.findAll([evaluateStep]);
    const { position, label } = (await store.instances.ofStep(evaluateStep)).find((one) => one.testIndex === attacked)!;
    const rowOf = async (name: string) => {
      const file = step!.artifacts.find((artifact) => artifact.name === name)!;
      return (await store.artifacts.readRows(file, [position])).rows[0]!;
    };
    const [original, adversarial, logits] = await Promise.all(['originals', 'adversarial', 'logits'].map(rowOf));
    const text = await details.innerText();
    for (const norm of Object.values(NORMS)) {
      const distance = norm.distance(adversarial!, original!);
      expect(text).toContain(norm.name === 'l0' ? `\n${distance}` : String(Number(distance.toPrecision(4))));
    }
    const scale = original!.reduce((most, value, i) => Math.max(most, Math.abs(adversarial![i]! - value)), 0);
    expect(text).toContain(`the full colour is a change of ${Number(scale.toPrecision(3))}, of a range of 1`);
    const [before, after] = [0, 2].map((at) => 1 / (1 + Math.exp(logits![at + 1 - label]! - logits![at + label]!)));
    const named = `${label === 0 ? '4' : '7'} ${percent(before!)}, then ${percent(after!)}`;
    await details.getByRole('img', { name: new RegExp(`^Probabilities of lenet5.*${named}`) }).waitFor();
    await details.getByRole('radio', { name: 'Logits' }).check();
    await page.waitForURL(/values=logits/);
    await details.getByRole('img', { name: /^Logits of lenet5/ }).waitFor();
    const losses = details.getByRole('img', { name: /^Signed margin by evaluations/ });
    await losses.focus();
    await page.keyboard.press('Home');
    const margin = logits![label]! - logits![1 - label]!;
    expect(await details.getByRole('status').innerText()).toMatch(new RegExp(`${margin.toFixed(2).slice(0, -1)}`));
    const indices = (await store.instances.ofStep(evaluateStep)).map((one) => one.testIndex).sort((a, b) => a - b);
    const next = page.getByRole('link', { name: /the attacked one after this$/ });
    expect(await next.getAttribute('href')).toMatch(
      new RegExp(`/gallery/${indices[indices.indexOf(attacked) + 1]}\\?.*attack=cg`),
    );
    const nearest = page.getByRole('region', { name: 'Nearest examples' });
    expect(await nearest.getByRole('rowheader').allInnerTexts()).toEqual(['lenet5', 'rad(attack=adam)']);
    await page.goto(`${dashboard.address}/runs/${first}/gallery/999999`);
    await page.getByText('The test set of this run has 240 samples, numbered from 0 to 239.').waitFor();
    expect(current!.problems).toEqual([]);
  });

  it('knows the models of a run, and hands one out as the file that it is', async () => {
    const page = await open(`/runs/${first}/models`);
    await page.getByRole('link', { name: 'rad(attack=adam)' }).click();
    await page.getByRole('heading', { name: 'rad(attack=adam)' }).waitFor();
    await page.getByRole('link', { name: 'lenet5' }).waitFor();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download as ONNX' }).click(),
    ]);
    const artifact = page.url().split('/').at(-1)!;
    expect(checksum(readFileSync(await file.path()))).toBe(artifact);
    expect(file.suggestedFilename()).toBe('rad_attack=adam-seed1.onnx');
  });

  it('has a log that is searched, narrowed to a kind and taken away as a file', async () => {
    const page = await open(`/runs/${first}/log`);
    const done = (await store.events.latest(first, 1000)).flatMap(({ event }) =>
      event.type === 'step-finished' && !event.cached && event.label.includes('cg') ? [event.label] : [],
    );
    await page.getByRole('searchbox', { name: 'Search the log' }).fill('CG finished');
    await page.getByRole('combobox', { name: 'Kind' }).selectOption('finished');
    await page.waitForURL(/search=CG\+finished&kind=finished/);
    await page.getByText(new RegExp(`^${done.length} of \\d+ events$`)).waitFor();
    const lines = await page
      .getByRole('list', { name: /^Events/ })
      .getByRole('listitem')
      .allInnerTexts();
    const labelIn = (line: string) => done.find((label) => line.includes(`Finished: ${label}, in `));
    expect(lines.map(labelIn)).toEqual(done.toReversed());
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Text' }).click(),
    ]);
    const written = readFileSync(await file.path(), 'utf8')
      .trim()
      .split('\n');
    expect(written.map(labelIn)).toEqual(done);
    await page.reload();
    await page.getByText(new RegExp(`^${done.length} of \\d+ events$`)).waitFor();
    await page.getByRole('combobox', { name: 'Kind' }).selectOption('trouble');
    await page.getByText('No event matches.').waitFor();
    expect(current!.problems).toEqual([]);
  });

  it('compares two runs cell by cell, and tells them apart by a test on the same instances', async () => {
    const page = await open('/compare');
    await page.getByText('Nothing to compare yet').waitFor();
    for (const id of [first, second]) {
      await page.getByLabel('Run', { exact: true }).selectOption(id);
      await page.getByLabel('Model', { exact: true }).selectOption('lenet5');
      await page.getByRole('button', { name: 'Add' }).click();
      await page.waitForURL((url) => decodeURIComponent(url.search).includes(id));
    }
    await page.getByRole('button', { name: 'as baseline' }).waitFor();
    const row = await page.getByRole('row', { name: /^fgs/ }).innerText();
    const kept: boolean[][] = [];
    for (const id of [first, second]) {
      const cells = await store.cells.ofRun(id, { model: 'lenet5', mode: 'adaptive', attack: 'fgs(epsilon=0.1)' });
      const { evaluateStep } = cells[0]!;
      const { evaded, misclassified, ...rest } = await store.instances.counts([evaluateStep]);
      const right = rest.resisted + rest.unmoved;
      expect(row).toContain(percent(right / (right + evaded)));
      kept.push((await store.instances.ofStep(evaluateStep)).map((one) => one.predictionAfter === one.label));
      expect(misclassified).toBeLessThan(20);
    }
    const [only, other] = [1, 0].map((wrong) => kept[1 - wrong]!.filter((one, i) => one && !kept[wrong]![i]).length);
    const { p } = mcnemar(only!, other!);
    expect(row).toContain(`McNemar, p = ${p < 0.001 ? p.toExponential(1) : p.toPrecision(2)}`);
    expect(row).toContain(p < 0.05 ? 'apart' : 'within noise');
    const lines = (await csvLines(page)).map((line) => line.split(','));
    const of = (id: string) => lines.find((line) => line[1] === id && line.includes('fgs(epsilon=0.1)'))!;
    const [base, difference] = [first, second].map((id) =>
      Object.fromEntries(lines[0]!.map((name, i) => [name, of(id)[i]!])),
    );
    expect(difference).toMatchObject({ run: 'second', model: 'lenet5', apart: p < 0.05 ? 'yes' : 'no' });
    expect(Number(difference!['difference'])).toBeCloseTo(Number(difference!['value']) - Number(base!['value']), 5);
    expect(row).toContain(percent(Number(base!['value'])));
    await page.getByLabel('Metric').selectOption('error-rate');
    await page.waitForURL(/metric=error-rate/);
    const own = measured({ model: 'lenet5', attack: 'fgs(epsilon=0.1)', mode: 'adaptive', metric: 'error-rate' });
    await page.getByRole('row', { name: /^fgs/ }).getByText(percent(own.value)).first().waitFor();
    await page.getByRole('button', { name: 'as baseline' }).click();
    await page.waitForURL((url) => decodeURIComponent(url.search).startsWith(`?runs=${second}~`));
  });

  it('says which figures are still of what was asked before, and makes no file of them', async () => {
    const page = await open(`/compare?runs=${encodeURIComponent(`${first}~lenet5;${second}~lenet5`)}`);
    const row = page.getByRole('row', { name: /^fgs/ });
    const before = await row.innerText();
    let answer = () => {};
    const held = new Promise<void>((resolve) => (answer = resolve));
    // The figures come with the page that the server draws, or by themselves.
    await page.route(/compare\.table|_rsc=/, async (route) => {
      await held;
      await route.continue();
    });
    const busy = page.locator('[aria-busy=true]');
    const files = ['CSV', 'Markdown'].map((name) => page.getByRole('button', { name }));
    const disabled = () => Promise.all(files.map((one) => one.isDisabled()));
    expect([await busy.count(), await disabled()]).toEqual([0, [false, false]]);
    await page.getByLabel('Metric').selectOption('error-rate');
    await busy.getByRole('row', { name: /^fgs/ }).waitFor();
    expect([await row.innerText(), await disabled()]).toEqual([before, [true, true]]);
    expect(await page.getByRole('button', { name: 'as baseline' }).isDisabled()).toBe(true);
    answer();
    await busy.waitFor({ state: 'detached' });
    const own = measured({ model: 'lenet5', attack: 'fgs(epsilon=0.1)', mode: 'adaptive', metric: 'error-rate' });
    expect(await row.innerText()).toContain(percent(own.value));
    expect(await disabled()).toEqual([false, false]);
    expect(current!.problems).toEqual([]);
  });

  it.each(WIDTHS)('a lead finds what withstands most, compares it and shares it, on %i pixels', async (width) => {
    const theme = width === 1024 ? 'dark' : 'light';
    const page = await open('/runs', { width, theme });
    const faults = async () => expect([page.url(), await faultsHere(page)]).toEqual([page.url(), []]);
    // What is chosen stays so while one searches on.
    for (const [words, name] of [
      ['RAD epsilon=0.1 -name:second', 'first'],
      ['name:second', 'second'],
    ] as const) {
      await page.getByRole('searchbox', { name: 'Search runs' }).fill(words);
      await page.getByText('1 run found').waitFor();
      await page.getByRole('checkbox', { name: new RegExp(`^Choose ${name}`) }).check();
    }
    await faults();
    await page.getByRole('link', { name: 'Compare them' }).click();
    await page.waitForURL(/\/compare\?runs=/);
    const compared = (of: Page) => of.getByRole('row', { name: /^Worst case/ });
    await compared(page).waitFor();
    await faults();
    // Whoever is sent the address sees the same, on another screen.
    const sent = await visit(browser, {
      width: WIDTHS[(WIDTHS.indexOf(width) + 1) % 3]!,
      theme: theme === 'dark' ? 'light' : 'dark',
    });
    await sent.page.goto(page.url(), { waitUntil: 'load' });
    expect(await compared(sent.page).textContent()).toBe(await compared(page).textContent());
    expect(sent.problems).toEqual([]);
    await sent.context.close();

    await page.getByRole('link', { name: 'Leaderboard' }).click();
    await page.getByRole('checkbox', { name: 'defenses only' }).check();
    await page.waitForURL(/defended=1/);
    const defended = (await store.standings.ofRuns([first, second])).filter(
      ({ model, mode }) => model !== 'lenet5' && mode === 'adaptive',
    );
    const best = Math.max(...defended.map(({ attackable, evaded }) => 1 - evaded / attackable));
    const top = page
      .getByRole('table', { name: /^Models by robust accuracy/ })
      .getByRole('row')
      .nth(1);
    await top.getByText(percent(best), { exact: true }).waitFor();
    await top.getByRole('rowheader', { name: /^rad/ }).waitFor();
    await faults();
    await top.getByRole('rowheader').getByRole('link').click();
    await page.waitForURL(/\/runs\/\d/);
    await page.getByRole('region', { name: 'Standing of the models' }).waitFor();
    await page.getByText('Export', { exact: true }).click();
    await page.getByRole('link', { name: /HTML/ }).waitFor();
    await faults();
    const [report] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: /HTML/ }).click(),
    ]);
    expect(readFileSync(await report.path(), 'utf8')).toMatch(/(first|second)[\s\S]*rad\(attack=adam\)/);
    expect(current!.problems).toEqual([]);
  });

  it('shows a run that is started meanwhile as it goes on, and its figures when it is done', async () => {
    const page = await open('/runs');
    const going = rampart(['run', experimentFile(filled.folder, 'live', 3), '--store', filled.store]);
    await page.getByRole('link', { name: 'live', exact: true }).click();
    const progress = page.getByRole('progressbar', { name: 'Steps done' });
    await progress.waitFor();
    const seen = new Set<string>();
    while (await progress.isVisible()) {
      seen.add((await progress.getAttribute('aria-valuenow', { timeout: 1000 }).catch(() => null)) ?? '');
      await page.waitForTimeout(200);
    }
    expect(seen.size).toBeGreaterThan(3);
    expect((await going).code).toBe(0);
    await page.getByText('Done', { exact: true }).waitFor();
    await page.getByRole('table', { name: /^Error rate of each model/ }).waitFor();
    expect(await page.getByRole('row', { name: /^rad/ }).last().innerText()).toMatch(/\d%/);
    expect(current!.problems).toEqual([]);
  });

  it('cancels a run from the list', async () => {
    const page = await open('/runs');
    const going = rampart(['run', experimentFile(filled.folder, 'unwanted', 4), '--store', filled.store]);
    const row = page.getByRole('row', { name: /unwanted/ });
    await row.getByText('Running').waitFor();
    await row.getByRole('button', { name: /^Actions for/ }).click();
    await page.getByRole('menuitem', { name: 'Cancel the run' }).click();
    await row.getByText('Cancelled').waitFor();
    expect((await going).code).not.toBe(0);
  });

  it('swaps a model in: from the file to a finished row beside the others', async () => {
    const page = await open('/swap-in');
    const [model] = (await store.models.ofRun(first)).filter((one) => one.label === 'lenet5');
    const bytes = await store.artifacts.read({ checksum: model!.artifact, extension: 'onnx' });
    const file = { name: 'mine.onnx', mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) };
    // Dropped as from a file manager.
    const transfer = await page.evaluateHandle(
      ({ name, text }) => {
        const dropped = new DataTransfer();
        dropped.items.add(new File([Uint8Array.from(atob(text), (one) => one.charCodeAt(0))], name));
        return dropped;
      },
      { name: file.name, text: file.buffer.toString('base64') },
    );
    await page.getByRole('region', { name: 'Model file' }).dispatchEvent('drop', { dataTransfer: transfer });
    await page.waitForURL(new RegExp(`artifact=${model!.artifact}`));
    const inspection = page.getByRole('region', { name: 'What it is made of' });
    await inspection.waitFor({ timeout: 120_000 });
    expect(await inspection.innerText()).toMatch(/Conv\s*× 2\s*exact gradient/);
    // What a node is, is a click away, and the next ones by the arrows.
    const graph = inspection.getByRole('group', { name: /^Graph of/ });
    await graph.getByRole('button', { name: /^Conv/ }).first().click();
    const facts = inspection.getByRole('status');
    await facts.getByRole('heading', { name: 'Conv' }).waitFor();
    expect(await facts.innerText()).toMatch(/float32\[6, 1, 5, 5\]/);
    await page.keyboard.press('ArrowDown');
    await facts.getByRole('heading', { name: 'Conv' }).waitFor({ state: 'detached' });
    expect(await graph.getByRole('button', { pressed: true }).evaluate((one) => one === document.activeElement)).toBe(
      true,
    );

    // The drawing is zoomed by keys and buttons, fitted, and searched.
    const size = async () => (await graph.boundingBox())!.width;
    const plain = await size();
    await inspection.getByRole('button', { name: 'Zoom in' }).click();
    expect(await size()).toBeCloseTo(1.25 * plain, 0);
    await inspection.getByRole('group', { name: /^Drawing of the graph/ }).focus();
    await page.keyboard.press('-');
    await page.keyboard.press('-');
    expect(await size()).toBeCloseTo(plain / 1.25, 0);
    await page.keyboard.press('0');
    const [whole, frame] = [await graph.boundingBox(), await graph.locator('..').boundingBox()];
    expect(whole!.height).toBeLessThanOrEqual(frame!.height);
    expect(whole!.width).toBeLessThanOrEqual(frame!.width);
    await inspection.getByRole('searchbox', { name: 'Find a node' }).fill('conv');
    await page.keyboard.press('Enter');
    await inspection.getByText('1 of 2', { exact: true }).waitFor();
    await facts.getByRole('heading', { name: 'Conv' }).waitFor();

    await page.getByRole('textbox', { name: 'Name of the run' }).fill('my model');
    // Of the data that there is the file chooses what it takes.
    const dataset = page.getByRole('combobox', { name: 'Dataset' });
    expect(await dataset.inputValue()).toBe('mnist');
    await dataset.fill('mnist(classes=[4, 7], trainLimit=500, testLimit=240)');
    await page.getByRole('checkbox', { name: 'cg', exact: true }).uncheck();
    await page.getByRole('button', { name: 'Start the evaluation' }).click();
    await page.waitForURL(/\/runs\/\d/, { timeout: 120_000 });
    await page.getByRole('heading', { name: 'my model' }).waitFor();
    await page.getByText('Done', { exact: true }).waitFor({ timeout: 120_000 });
    // The same weights under the same attack err as they did where they were trained.
    const known = measured({ model: 'lenet5', attack: 'fgs(epsilon=0.1)', mode: 'adaptive', metric: 'error-rate' });
    const row = page
      .getByRole('table', { name: /^Error rate of each model/ })
      .getByRole('row')
      .nth(1);
    // The figures come a moment after the state.
    await row.getByText(percent(known.value)).first().waitFor();
    expect(await row.getByRole('rowheader').innerText()).toBe('mine');
    const swapped = page.url().split('/').at(-1)!.split('?')[0]!;
    const both = encodeURIComponent(`${first}~lenet5;${swapped}`);
    await page.goto(`${dashboard.address}/compare?metric=error-rate&runs=${both}`);
    const compared = await page.getByRole('row', { name: /^fgs/ }).innerText();
    expect(compared.split(percent(known.value))).toHaveLength(3);
    expect(compared).toContain('within noise');
    expect(current!.problems).toEqual([]);
  });

  it('tells an engineer that a model is fed wrongly before it attacks it, and puts it right', async () => {
    const data = path.join(ROOT, 'test/onnx/data');
    const page = await open('/swap-in', { width: 1024, theme: 'dark' });
    expect(await faultsEverywhere(page)).toEqual([]);
    await page.locator('input[type=file]').setInputFiles(path.join(data, 'images-blue-first/model.onnx'));
    await page.getByRole('region', { name: 'What it is made of' }).waitFor({ timeout: 120_000 });
    expect(await faultsEverywhere(page, 'swap-in')).toEqual([]);
    await page.getByRole('textbox', { name: 'Name of the run' }).fill('blue first');
    await page.getByRole('combobox', { name: 'Dataset' }).fill(`image-folder(path="${path.join(data, 'images')}")`);
    for (const attack of ['cg', 'adam']) await page.getByRole('checkbox', { name: attack, exact: true }).uncheck();
    const start = page.getByRole('button', { name: 'Start the evaluation' });
    const asked = page.getByRole('alert').filter({ hasText: 'Nothing was attacked yet' });
    const preprocessing = page.getByRole('combobox', { name: 'Preprocessing' });
    await preprocessing.fill('range=0..1');
    await start.click();
    await asked.waitFor({ timeout: 120_000 });
    const right = 'range=0..255 mean=103.939,116.779,123.68 order=bgr';
    expect(await asked.innerText()).toMatch(
      new RegExp(`100\\.0% of 40 test samples are right with "${right}", \\d+\\.\\d% with "range=0..1"\\.`),
    );
    expect(await faultsEverywhere(page)).toEqual([]);
    expect((await store.runs.list({ search: 'blue first' })).total).toBe(0);

    // Whoever wants the figures all the same gets them, and what is wrong with them wherever they stand.
    const at = page.url();
    await asked.getByRole('button', { name: 'Evaluate it as it is' }).click();
    await page.waitForURL(/\/runs\/\d/, { timeout: 120_000 });
    await page.getByText('Done', { exact: true }).waitFor({ timeout: 120_000 });
    const doubted = page.url().split('/').at(-1)!;
    await page.getByRole('heading', { name: 'Not established: model' }).waitFor();
    await page.getByRole('region', { name: 'What makes figures doubtful' }).getByText('chance').first().waitFor();
    const cell = page.getByRole('link', { name: /% of model under fgs.*in doubt/ });
    await cell.click();
    await page
      .getByRole('list', { name: 'What makes this figure doubtful' })
      .getByText(/always answering the commonest class/)
      .waitFor();
    expect(await faultsEverywhere(page)).toEqual([]);
    await page.goto(`${dashboard.address}/runs/${doubted}?mode=static`);
    await page.getByRole('heading', { name: 'Nothing was transferred' }).waitFor();
    await page.goto(`${dashboard.address}/compare?runs=${doubted}`);
    const compared = page.getByRole('row', { name: /^Worst case/ });
    expect(await compared.innerText()).toContain('in doubt: chance');
    const { dataset } = await store.runs.get(doubted);
    await page.goto(`${dashboard.address}/leaderboard?${new URLSearchParams({ dataset })}`);
    await page
      .getByRole('row', { name: /blue first/ })
      .getByText('not established: chance')
      .waitFor();
    for (const format of ['markdown', 'html']) {
      const answer = await page.request.get(`${dashboard.address}/api/runs/${doubted}/report?format=${format}`);
      expect(await answer.text()).toContain('Not established: model');
    }
    await page.goto(at);
    await page.getByRole('textbox', { name: 'Name of the run' }).fill('blue first, put right');
    await page.getByRole('combobox', { name: 'Dataset' }).fill(`image-folder(path="${path.join(data, 'images')}")`);
    for (const attack of ['cg', 'adam']) await page.getByRole('checkbox', { name: attack, exact: true }).uncheck();
    await preprocessing.fill('range=0..1');
    await start.click();
    await asked.waitFor({ timeout: 120_000 });

    await asked.getByRole('button', { name: `Evaluate it with ${right}` }).click();
    await page.waitForURL(/\/runs\/\d/, { timeout: 120_000 });
    await page.getByText('Done', { exact: true }).waitFor({ timeout: 120_000 });
    const run = await store.runs.get(page.url().split('/').at(-1)!);
    expect([run.name, run.experiment.includes(right)]).toEqual(['blue first, put right', true]);
    const [standing] = await store.standings.ofRuns([run.id]);
    expect(standing!.attackable).toBe(standing!.attacked);
    const verdict = page.getByRole('region', { name: 'Standing of the models' });
    await verdict
      .getByRole('row', { name: /^model/ })
      .getByText(percent(1 - standing!.evaded / standing!.attackable))
      .first()
      .waitFor();
    expect(await faultsEverywhere(page)).toEqual([]);
    expect(current!.problems).toEqual([]);
  });

  it.each(Object.entries(PAGES))(
    'has nothing cut and no serious fault of accessibility on the page "%s", wide and narrow, light and dark',
    async (name, address) => {
      const model = (await store.models.ofRun(first)).at(-1)!.artifact;
      const page = await open(address(first, attacked, model));
      expect(await faultsEverywhere(page, name.replaceAll(' ', '-'))).toEqual([]);
    },
  );

  it('remembers the theme that was chosen, without a flash of the other', async () => {
    const page = await open('/runs');
    await page.getByRole('button', { name: /^Theme of the system/ }).click();
    await page.getByRole('button', { name: /^Light theme/ }).click();
    const html = await (await page.request.get(`${dashboard.address}/runs`)).text();
    expect(html).toMatch(/<html[^>]*data-theme="dark"/);
  });

  it('leads from the list to the hardest attack of a defense by keyboard alone', async () => {
    const page = await open('/runs');
    const tabTo = async (name: RegExp) => {
      for (let presses = 0; presses < 60; presses++) {
        await page.keyboard.press('Tab');
        const at = await page.evaluate(() => document.activeElement?.textContent ?? '');
        if (name.test(at)) return;
      }
      throw new Error(`The tabulator does not lead to ${name}.`);
    };
    await tabTo(/^first$/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'first' }).waitFor();
    await page.getByRole('region', { name: 'Standing of the models' }).waitFor();
    await tabTo(/^\d+\.\d%.*interval/);
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: 'Details of the cell' }).waitFor();
  });
});
