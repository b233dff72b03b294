import { existsSync, readFileSync } from 'node:fs';

import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const CANDIDATES = [
  process.env['RAMPART_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Long for a page, and short for a machine on which everything takes its turn: only what fails waits for its end. */
export const PATIENCE_MS = 60_000;

export function launchBrowser(): Promise<Browser> {
  const executablePath = CANDIDATES.find((file) => file && existsSync(file));
  if (!executablePath) throw new Error('The browser tests need a Chromium: name it in RAMPART_CHROMIUM.');
  const quiet = ['--disable-gpu', '--disable-background-networking', '--disable-component-update', '--no-first-run'];
  return chromium.launch({ executablePath, args: ['--no-sandbox', ...quiet] });
}

export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the console and the page said that is no good: errors, refusals of the content security policy. */
  readonly problems: string[];
}

export async function visit(
  browser: Browser,
  options: { readonly width?: number; readonly theme?: 'light' | 'dark' } = {},
): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: 900 },
    colorScheme: options.theme ?? 'light',
    acceptDownloads: true,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const { goto, reload, waitForURL } = page;
  page.goto = async (...args) => {
    const response = await goto.apply(page, args);
    await takenOver(page);
    return response;
  };
  page.reload = async (options) => {
    const response = await reload.call(page, options);
    if (options?.waitUntil !== 'commit') await takenOver(page);
    return response;
  };
  page.waitForURL = async (...args) => {
    await waitForURL.apply(page, args);
    await answered(page);
  };
  const problems: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`${message.text()} ${message.location().url}`);
  });
  page.on('pageerror', (error) => problems.push(error.message));
  return { page, context, problems };
}

/** Waits until React has taken the page over: before that nobody hears what is clicked and typed. */
async function takenOver(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const main = document.querySelector('main#content');
    return main === null || Object.keys(main).some((key) => key.startsWith('__reactFiber'));
  });
}

/** Waits until the page shows what its address asks for: before that it may still show what was asked before. */
export async function answered(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector('[aria-busy=true], .skeleton') === null);
}

/** The lines of the file that the button CSV gives. */
export async function csvLines(page: Page): Promise<string[]> {
  const [csv] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV' }).click()]);
  return readFileSync(await csv.path(), 'utf8')
    .trim()
    .split('\r\n');
}

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** Rules of axe about what a theme changes. */
export const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];

/**
 * What axe finds wrong, the serious and the critical.
 * @param rules by these alone; default: all
 */
export async function accessibilityFaults(page: Page, rules?: readonly string[]): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(AXE);
  return page.evaluate(async (only) => {
    interface Found {
      violations: { id: string; impact: string; help: string; nodes: { target: string[]; failureSummary: string }[] }[];
    }
    const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<Found> } };
    const { violations } = await axe.run({ resultTypes: ['violations'], ...(only && { runOnly: [...only] }) });
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(
        ({ id, help, nodes }) =>
          `${id}: ${help}: ${nodes
            .map((node) => node.target.join(' '))
            .slice(0, 4)
            .join(', ')}`,
      );
  }, rules);
}

/** How many pixels the page is wider than the window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/**
 * What of a page cannot be read or reached: text that is cut and has no title that says it, and what sticks out of its
 * card, of the window, or, of a control, out of the control. What lies in a part that can be scrolled is not cut.
 */
export function cutParts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const named = (element: Element) =>
      `<${element.tagName.toLowerCase()}> "${(element.textContent ?? '').trim().replace(/\s+/g, ' ').slice(0, 50)}"`;
    const isScrolled = ({ overflowX }: CSSStyleDeclaration) => overflowX === 'auto' || overflowX === 'scroll';
    const isHidden = ({ overflowX }: CSSStyleDeclaration) => overflowX === 'hidden' || overflowX === 'clip';
    /** What an element may not stick out of; undefined where it can be scrolled to, or is cut on purpose. */
    const within = (element: Element): Element | undefined => {
      const { position } = getComputedStyle(element);
      for (let place = element.parentElement; place; place = place.parentElement) {
        const style = getComputedStyle(place);
        if (isScrolled(style) || isHidden(style)) return undefined;
        if (place.classList.contains('card') && position === 'static') return place;
      }
      return document.documentElement;
    };
    const found: string[] = [];
    for (const element of document.querySelectorAll<HTMLElement>('body *')) {
      if (!(element instanceof HTMLElement) || !element.checkVisibility()) continue;
      const box = element.getBoundingClientRect();
      // What only screen readers read is a point.
      if (box.width <= 1 || box.height <= 1) continue;
      const style = getComputedStyle(element);
      const isWider = element.scrollWidth > element.clientWidth + 1 && style.display !== 'inline';
      const place = within(element);
      if (place && box.right > place.getBoundingClientRect().right + 1) {
        found.push(`${named(element)} sticks out by ${Math.round(box.right - place.getBoundingClientRect().right)} px`);
      }
      // What is longer than its field is read by moving in it.
      if (['INPUT', 'TEXTAREA'].includes(element.tagName)) continue;
      if (isHidden(style)) {
        const isHigher = element.scrollHeight > element.clientHeight + 1 && style.webkitLineClamp !== 'none';
        if ((isWider || isHigher) && !element.closest('[title]')) found.push(`${named(element)} is cut`);
      } else if (isWider && ['BUTTON', 'SELECT'].includes(element.tagName)) {
        found.push(`${named(element)} is wider than its control`);
      }
    }
    return [...new Set(found)];
  });
}
