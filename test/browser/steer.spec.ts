import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { readModel } from '@rampart/onnx';
import { openStore, type Store } from '@rampart/results';
import { zipSync } from 'fflate';
import type { Browser, Page } from 'playwright-core';

import { rampart, ROOT } from '../integration/rampart';
import { csvLines, launchBrowser, type Visit, visit } from './browser';
import { type Dashboard, startRampartDashboard } from './dashboard';
import { faultsEverywhere, settled, WIDTHS } from './everywhere';
import { percent } from './percent';

const DATASET = 'mnist(classes=[4, 7], trainLimit=400, testLimit=80)';

const SMALL = `name: small
dataset: ${DATASET}
models: [lenet5]
training: { epochs: 1 }
attacks: [fgs(epsilon=0.05), fgs(epsilon=0.2)]
examples: [adaptive]
audits: []
seeds: [1]
`;

/** An attack that has no way on, as a plugin. */
const BROKEN = `
import { defineAttack, definePlugin } from '@rampart/core';
import { z } from 'zod';
const broken = defineAttack({
  name: 'broken', summary: 'Fails.', source: 'none', version: 1, family: 'budget', norms: ['linf'], knowledge: 'labels',
  params: z.object({}),
  each: () => async () => { throw new Error('the search has no way on'); },
});
export default definePlugin({ name: 'broken', version: '0.1.0', core: '^0.1.0', components: [broken] });
`;

describe('from an empty store to a finished table, by the pages alone', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'rampart-steer-'));
  const directory = path.join(folder, 'store');
  let store: Store;
  let dashboard: Dashboard;
  let browser: Browser;
  let current: Visit | undefined;
  let small: string;

  beforeAll(async () => {
    dashboard = await startRampartDashboard(directory);
    store = await openStore(directory);
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    await dashboard?.stop();
    await store?.close();
    rmSync(folder, { recursive: true, force: true });
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

  it('starts the quickstart in this store, is stopped, and says how to go on', async () => {
    const page = await open('/runs', { width: 390, theme: 'dark' });
    await page.getByText(`npx rampart run quickstart --store ${directory}`).waitFor();
    expect(await faultsEverywhere(page)).toEqual([]);
    // The list learns of the run before the answer about the job comes: whichever is first, the run is opened.
    await page.route(/swapIn\.job/, async (route) => {
      await new Promise((done) => setTimeout(done, 4000));
      await route.continue();
    });
    await page.getByRole('button', { name: 'Start the quickstart' }).click();
    await page.waitForURL(/\/runs\/\d/, { timeout: 120_000 });
    await page.getByRole('button', { name: /^Actions for quickstart/ }).click();
    await page.getByRole('menuitem', { name: 'Cancel the run' }).click();
    await page.getByText('Cancelled', { exact: true }).waitFor({ timeout: 120_000 });
    const { runs } = await store.runs.list();
    await page.getByText(`npx rampart runs resume ${runs[0]!.id} --store ${directory}`).waitFor();
    await page.getByRole('button', { name: 'Go on with it' }).waitFor();
    expect(await faultsEverywhere(page)).toEqual([]);
    expect(current!.problems).toEqual([]);
  });

  it('writes an experiment, is told of a mistake while typing, and gets its figures', async () => {
    const page = await open('/experiment', { width: 1024, theme: 'dark' });
    const file = page.getByRole('textbox', { name: 'The experiment as YAML' });
    // The answer to the first check comes when it was given up already, as on a machine that has much to do.
    let slow = true;
    await page.route(/experiments\.checked/, async (route) => {
      const asked = new URL(route.request().url()).pathname.split(',');
      if (slow) await route.fulfill({ json: asked.map(() => ({ result: { data: { json: null } } })) });
      else await route.continue();
    });
    await page.getByText(/^Nobody checks it/).waitFor();
    slow = false;
    await page.getByText(/^Can be run/).waitFor();
    // While its scripts are not there, what is typed would be lost: so it cannot be typed.
    await page.route(/_next\/static.*\.js/, async (route) => {
      await new Promise((done) => setTimeout(done, 1500));
      await route.continue();
    });
    await page.reload({ waitUntil: 'commit' });
    const start = page.getByRole('button', { name: 'Start it' });
    await file.fill(SMALL.replace('fgs(epsilon=0.05)', 'fgz(epsilon=0.05)'));
    await page.getByText(/Unknown attack "fgz"/i).waitFor();
    expect(await start.isDisabled()).toBe(true);
    expect(await faultsEverywhere(page)).toEqual([]);
    await file.fill('name: [');
    await page.getByText(/no valid YAML/).waitFor();
    await file.fill(`${SMALL}plugins: [./mine.ts]\n`);
    await page.getByText(/"plugins" names files of the server/).waitFor();
    await file.fill(SMALL);
    await page.getByText(/^Can be run: 1 model, 0 defenses, 2 attacks, 1 seed/).waitFor();
    // Form and file are one: what changes in the one changes the other.
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('typed here');
    expect(await file.inputValue()).toContain('name: typed here');
    await page.getByRole('combobox', { name: 'Add: attack' }).selectOption('adam');
    expect(await file.inputValue()).toContain('attacks: [fgs(epsilon=0.05), fgs(epsilon=0.2), adam]');
    await page.getByRole('button', { name: 'Remove adam' }).click();
    await start.click();
    await page.waitForURL(/\/runs\/\d/, { timeout: 120_000 });
    await page.getByText('Done', { exact: true }).waitFor({ timeout: 120_000 });
    await page.getByRole('table', { name: /^Error rate of each model/ }).waitFor();
    small = page.url().split('/').at(-1)!;
    expect((await store.runs.get(small)).name).toBe('typed here');
    expect(await faultsEverywhere(page)).toEqual([]);
    expect(current!.problems).toEqual([]);
  });

  it('ranks it among all runs, and hands the ranking out', async () => {
    const page = await open('/leaderboard');
    const [standing] = await store.standings.ofRuns([small]);
    const { attackable, evaded } = standing!;
    const row = page.getByRole('row', { name: /lenet5/ });
    await row.getByText(percent(1 - evaded / attackable), { exact: true }).waitFor();
    const [head, line] = await csvLines(page);
    expect(head).toContain('robust accuracy,low,high,n');
    expect(line).toContain(`,${Number((1 - evaded / attackable).toPrecision(6))},`);
    await page.getByRole('checkbox', { name: 'defenses only' }).check();
    await page.getByText('No model matches.').waitFor();
    await page.waitForURL(/defended=1/);
    // Kept under a name, it is there for whoever comes next, as an address.
    await page.getByText('Views', { exact: true }).click();
    await page.getByRole('textbox', { name: 'Name of the view' }).fill('defenses of the week');
    await page.getByRole('button', { name: 'Keep', exact: true }).click();
    await page.getByRole('link', { name: 'defenses of the week' }).waitFor();
    await page.goto(`${dashboard.address}/leaderboard?hide=clean`);
    await page.getByRole('columnheader', { name: 'Robust accuracy' }).waitFor();
    expect(await page.getByRole('columnheader', { name: 'Clean accuracy' }).count()).toBe(0);
    await page.getByText('Views', { exact: true }).click();
    await page.getByRole('link', { name: 'defenses of the week' }).click();
    await page.waitForURL(/\?defended=1$/);
    await page.getByText('No model matches.').waitFor();
    expect(current!.problems).toEqual([]);
  });

  it('two people who write about one run at once: the second is told, and nothing is lost', async () => {
    const page = await open(`/runs/${small}`);
    await page.getByRole('button', { name: 'Add a note' }).click();
    await page.getByRole('textbox', { name: 'Note, in Markdown' }).fill('What **I** saw. <b onclick="x()">No</b>');
    await store.notes.write({ run: small }, { text: 'What ann saw.', author: 'ann', seen: 0 });
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText(/^ann has written meanwhile, so yours below is not saved yet\./).waitFor();
    await page.getByText('What ann saw.').waitFor();
    await page.getByRole('button', { name: 'Put both together' }).click();
    await page.getByRole('button', { name: 'Save mine in its place' }).click();
    const note = page.getByRole('region', { name: 'Note' });
    await note.locator('strong').getByText('I', { exact: true }).waitFor();
    // HTML is text.
    expect(await note.innerText()).toContain('What I saw. <b onclick="x()">No</b>');
    await note.getByText('Earlier words').click();
    await note.getByRole('listitem').getByText('What ann saw.').waitFor();
    expect((await store.notes.find({ run: small }))!.text).toMatch(/^What ann saw\.\n\nWhat \*\*I\*\* saw\./);
    expect(current!.problems).toEqual([]);
  });

  it('takes a run out of the way or away, and brings it back', async () => {
    const page = await open('/runs');
    const run = page.getByRole('link', { name: 'quickstart', exact: true });
    const act = async (what: string) => {
      await page.getByRole('button', { name: /^Actions for quickstart/ }).click();
      await page.getByRole('menuitem', { name: what }).click();
      await run.waitFor({ state: 'detached' });
    };
    await act('Archive');
    expect((await store.runs.list({ shelves: ['archived'] })).total).toBe(1);
    await page.getByRole('button', { name: 'Undo' }).click();
    await run.waitFor();
    await act('Delete');
    await page.getByText(/is deleted\. It can be restored for a week\./).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await run.waitFor();
    await act('Delete');
    await page.getByRole('combobox', { name: 'Which runs' }).selectOption('Deleted');
    await page.getByRole('button', { name: /^Actions for quickstart/ }).click();
    await page.getByRole('menuitem', { name: 'Restore' }).click();
    await page.getByText('No run matches').waitFor();
    expect((await store.runs.list({ search: 'quickstart' })).total).toBe(1);
  });

  it('draws what stays right up to each epsilon, and hands the drawing out whole', async () => {
    const page = await open(`/runs/${small.slice(-6)}/curves`);
    await page.getByRole('heading', { name: 'Robust accuracy against epsilon' }).waitFor();
    const shares = (await csvLines(page)).slice(1).map((line) => Number(line.split(',').at(-4)));
    const [standing] = await store.standings.ofRuns([small]);
    expect(shares.at(-1)).toBeCloseTo(1 - standing!.evaded / standing!.attackable, 9);
    expect(shares.every((share, index) => index === 0 || share <= shares[index - 1]!)).toBe(true);
    const [svg] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'SVG' }).click()]);
    const drawing = readFileSync(await svg.path(), 'utf8');
    expect(drawing).toContain('>Robust accuracy against epsilon</text>');
    expect(drawing).toContain('>lenet5</text>');
    expect(drawing).not.toMatch(/var\(|light-dark|class=/);
    const [png] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'PNG' }).click()]);
    expect(
      readFileSync(await png.path())
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG');
    expect(current!.problems).toEqual([]);
  });

  it('hands the run out in every format, by an address that can be sent', async () => {
    const page = await open(`/runs/${small}`);
    await page.getByText('Export', { exact: true }).click();
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: /CSV/ }).click()]);
    expect(file.suggestedFilename()).toBe(`typed-here-${small.slice(-6)}.csv`);
    const { stdout } = await rampart(['report', small, '--store', directory, '--format', 'csv']);
    expect(readFileSync(await file.path(), 'utf8')).toBe(stdout);
    for (const format of ['json', 'markdown', 'html']) {
      const answer = await page.request.get(`${dashboard.address}/api/runs/${small}/report?format=${format}`);
      expect([answer.status(), (await answer.text()).includes('typed here')]).toEqual([200, true]);
    }
    expect((await page.request.get(`${dashboard.address}/api/runs/nothing/report`)).status()).toBe(404);
    expect((await page.request.get(`${dashboard.address}/api/runs/${small}/report?format=exe`)).status()).toBe(400);
  });

  it('an attack that failed has its column and its reason, and the run goes on by a button', async () => {
    writeFileSync(path.join(folder, 'broken.ts'), BROKEN);
    writeFileSync(
      path.join(folder, 'broken.yaml'),
      `${SMALL.replace('name: small', 'name: one fails').replace('attacks: [', 'attacks: [broken(epsilon=0.1), ')}plugins: [./broken.ts]\n`,
    );
    const { code } = await rampart(['run', path.join(folder, 'broken.yaml'), '--store', directory]);
    expect(code).not.toBe(0);
    const id = (await store.runs.list({ search: 'one fails' })).runs[0]!.id;
    const page = await open(`/runs/${id}`);
    const table = page.getByRole('table', { name: /^Error rate of each model/ });
    expect(await table.getByRole('columnheader').allInnerTexts()).toContainEqual(
      expect.stringMatching(/^broken\n\(epsilon=0\.1\)/),
    );
    expect(await table.getByText('failed').getAttribute('title')).toContain('the search has no way on');
    await page
      .getByRole('list', { name: 'What failed' })
      .getByText(/broken\(epsilon=0.1\) failed: .*no way on/)
      .waitFor();
    await page.getByText(/^All figures below are without what failed/).waitFor();
    expect(await faultsEverywhere(page)).toEqual([]);
    await page.getByText(`npx rampart runs resume ${id} --store ${directory}`).waitFor();
    // That attack alone, and nothing else that failed: asked for in the head of its column.
    const refused = page.getByRole('alert').filter({ hasText: /broken\.ts/ });
    await page.getByRole('button', { name: /^Try again.*broken\(epsilon=0\.1\)/ }).click();
    await refused.waitFor({ timeout: 60_000 });
    await page.reload({ waitUntil: 'load' });
    await page.getByRole('button', { name: 'Go on with it' }).click();
    // It names a plugin by a path from where it was started, which the dashboard is not at: told so, in its words.
    await refused.waitFor({ timeout: 60_000 });
  });

  it('hands a command to a terminal, also from a page that may not copy', async () => {
    const { runs } = await store.runs.list({ search: 'one fails' });
    const command = `npx rampart runs resume ${runs[0]!.id} --store ${directory}`;
    const page = await open(`/runs/${runs[0]!.id}`);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: `Copy ${command}` }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(command);
    // As on a page that came by http from another machine.
    await page.addInitScript(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
    await page.reload({ waitUntil: 'load' });
    await page.getByRole('button', { name: `Copy ${command}` }).click();
    await page.getByRole('button', { name: 'Selected: copy it by the keys' }).waitFor();
    expect(await page.evaluate(() => String(window.getSelection()))).toBe(command);
    expect(current!.problems).toEqual([]);
  });

  it('says in what two runs differ before it compares their figures', async () => {
    const { runs } = await store.runs.list({ search: 'one fails' });
    const page = await open(`/compare?runs=${small},${runs[0]!.id}`);
    const settings = page.getByRole('table', { name: /^Settings that are not the same/ });
    expect(await settings.getByRole('rowheader').allInnerTexts()).toEqual(['attacks', 'plugins']);
    expect(await settings.getByRole('row').nth(1).innerText()).toContain('broken(epsilon=0.1)');
    const stopped = (await store.runs.list({ search: 'quickstart' })).runs[0]!.id;
    await page.goto(`${dashboard.address}/compare?runs=${small},${stopped}`);
    await page.getByText(`Nothing to compare of quickstart (${stopped.slice(-6)})`).waitFor();
    await page.getByRole('searchbox', { name: 'Find a run' }).fill('quickstart');
    await page.getByRole('option', { name: /^quickstart/ }).waitFor({ state: 'attached' });
  });

  it('a run of the list is chosen for a comparison, duplicated, and not found by another name', async () => {
    const page = await open('/runs');
    await page.getByRole('checkbox', { name: /^Choose typed here/ }).check();
    await page.getByRole('checkbox', { name: /^Choose one fails/ }).check();
    expect(await faultsEverywhere(page)).toEqual([]);
    // The list could be scrolled in its card: on none of these screens has it to be, whatever came of a run.
    for (const width of [...WIDTHS, 2560]) {
      await page.setViewportSize({ width, height: 900 });
      await settled(page);
      const actions = page.locator('tbody').getByRole('button', { name: /^Actions for/ });
      const hidden = await actions.evaluateAll(
        (buttons) =>
          buttons.filter((button) => {
            const card = button.closest('.card')!.getBoundingClientRect();
            const row = [...button.closest('tr')!.querySelectorAll('time'), button];
            return row.some((one) => one.getBoundingClientRect().right > card.right);
          }).length,
      );
      expect([width, hidden]).toEqual([width, 0]);
      const card = page.locator('.card', { has: page.locator('tbody') });
      expect([width, await card.evaluate((list) => list.scrollWidth - list.clientWidth)]).toEqual([width, 0]);
      // What decides is there on the smallest, too, and so is a way to sort by it.
      const [standing] = await store.standings.ofRuns([small]);
      const robust = percent(1 - standing!.evaded / standing!.attackable);
      expect(
        await page
          .getByRole('row', { name: /typed here/ })
          .getByText(robust)
          .first()
          .isVisible(),
      ).toBe(true);
      expect(await page.getByRole('combobox', { name: 'Sort by' }).isVisible()).toBe(width === 390);
    }
    await page.setViewportSize({ width: 1280, height: 900 });
    const label = page.getByRole('textbox', { name: 'Tags to add, parted by commas' });
    await label.fill('no/tag');
    await page.getByRole('button', { name: 'Add tags' }).click();
    await page.getByRole('alert').filter({ hasText: '“no/tag” is no tag' }).waitFor();
    await label.fill('both');
    await page.getByRole('button', { name: 'Add tags' }).click();
    await page.getByText('2 runs are tagged.').waitFor();
    expect((await store.runs.list({ tag: 'both' })).total).toBe(2);
    const choose = async () => {
      for (const name of ['typed here', 'one fails']) {
        await page.getByRole('checkbox', { name: new RegExp(`^Choose ${name}`) }).check();
      }
    };
    await choose();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByText('2 runs are deleted, and can be restored for a week.').waitFor();
    expect((await store.runs.list({ tag: 'both' })).total).toBe(0);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('checkbox', { name: /^Choose typed here/ }).waitFor();
    await choose();
    await page.getByRole('link', { name: 'Compare them' }).click();
    await page.waitForURL(/\/compare\?runs=/);
    await page.goto(`${dashboard.address}/experiment?run=${small}`);
    const text = await page.getByRole('textbox', { name: 'The experiment as YAML' }).inputValue();
    expect(text).toBe((await store.runs.get(small)).experiment);
    await page.goto(`${dashboard.address}/runs/nothing`);
    await page.getByRole('link', { name: 'typed here' }).waitFor();
    expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
  });

  it('hardens a file that somebody brings, asks which class its single score is of, and hands the file out', async () => {
    const heads = path.join(ROOT, 'test/onnx/heads');
    const data = path.join(folder, 'zero-one.npz');
    const [images, labels] = ['images', 'labels'].map((what) =>
      readFileSync(path.join(heads, `zero-one/test-${what}.npy`)),
    );
    const splits = { 'x_train.npy': images!, 'y_train.npy': labels!, 'x_test.npy': images!, 'y_test.npy': labels! };
    writeFileSync(data, zipSync(splits));
    const page = await open('/swap-in');
    await page.locator('input[type=file]').setInputFiles(path.join(heads, 'one-minus-sigmoid.onnx'));
    await page.getByRole('radio', { name: 'Harden' }).check();
    expect(await page.getByRole('textbox', { name: 'Name of the run' }).inputValue()).toBe('harden one-minus-sigmoid');
    await page.getByRole('combobox', { name: 'Dataset' }).fill(`npz(path="${data}")`);
    for (const attack of ['cg', 'adam']) await page.getByRole('checkbox', { name: attack, exact: true }).uncheck();
    await page.getByRole('textbox', { name: 'Defense 1' }).fill('rad(attack=fgs(epsilon=0.1), rounds=1)');
    await page.getByRole('region', { name: 'What it is made of' }).waitFor({ timeout: 120_000 });
    expect(await faultsEverywhere(page)).toEqual([]);
    await page.getByRole('button', { name: 'Harden it' }).click();
    const asked = page.getByRole('alert').filter({ hasText: 'Nothing was attacked yet' });
    await asked.waitFor({ timeout: 120_000 });
    expect(await asked.innerText()).toMatch(
      /0\.0% of \d+ test samples are right, and 100\.0% are if a large ".*" speaks/,
    );
    await asked.getByRole('button', { name: 'Harden it with its single score as that of class 0' }).click();
    await page.waitForURL(/\/runs\/\d/, { timeout: 120_000 });
    await page.getByText('Done', { exact: true }).waitFor({ timeout: 120_000 });
    const id = page.url().split('/').at(-1)!;
    const models = page.getByRole('region', { name: 'Standing of the models' });
    for (const name of [/^one-minus-sigmoid/, /^rad/]) await models.getByRole('row', { name }).waitFor();

    const { artifact } = (await store.models.ofRun(id)).find(({ label }) => label.startsWith('rad'))!;
    await page.goto(`${dashboard.address}/models/${artifact}`);
    await page.getByRole('button', { name: 'Write the hardened file' }).click();
    const link = page.getByRole('link', { name: 'Download the hardened file' });
    await link.waitFor({ timeout: 120_000 });
    expect(await faultsEverywhere(page)).toEqual([]);
    const [file] = await Promise.all([page.waitForEvent('download'), link.click()]);
    const [before, after] = [path.join(heads, 'one-minus-sigmoid.onnx'), await file.path()].map(
      (name) => readModel(readFileSync(name)).graph,
    );
    expect([after!.inputs, after!.outputs, after!.nodes]).toEqual([before!.inputs, before!.outputs, before!.nodes]);
    expect([...after!.initializers]).not.toEqual([...before!.initializers]);
    expect(current!.problems).toEqual([]);
  });

  it('loses nothing when the server goes away while somebody types', async () => {
    const page = await open('/experiment');
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('half a thought');
    const run = await page.context().newPage();
    await run.goto(`${dashboard.address}/runs/latest`, { waitUntil: 'load' });
    const head = await run.getByRole('heading', { level: 1 }).innerText();
    await dashboard.stop();
    for (const one of [page, run]) await one.getByText(/^Connection lost/).waitFor({ timeout: 120_000 });
    // A page of a run is left as it is, too, not for the browser's own about a site that is not to be had.
    await run.getByRole('link', { name: 'Log', exact: true }).click();
    expect(await run.getByRole('heading', { level: 1 }).innerText()).toBe(head);
    expect(await run.getByText(/^Connection lost/).isVisible()).toBe(true);
    await page.getByRole('link', { name: 'Runs', exact: true }).click();
    expect(await page.getByRole('textbox', { name: 'Name', exact: true }).inputValue()).toBe('half a thought');
  });
});
