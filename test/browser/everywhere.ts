import { existsSync } from 'node:fs';
import path from 'node:path';

import type { Page } from 'playwright-core';

import { ROOT } from '../integration/rampart';
import { accessibilityFaults, answered, COLOUR_RULES, cutParts, overflow } from './browser';

/** Widths of a desk, a tablet and a phone. */
export const WIDTHS = [1440, 1024, 390] as const;

const THEMES = ['light', 'dark'] as const;

/** Pictures are no longer than this, in pixels. */
const LONGEST = 1600;

/**
 * What is wrong with a page as it stands on a desk, a tablet and a phone, each light and dark: by how many pixels it is
 * too wide, what is cut, and the serious faults of accessibility. The window is as it was after it.
 * @param picture what the page is called among the pictures of the documentation: where RAMPART_PICTURES names their
 *   folder, those that are there are taken anew
 */
export async function faultsEverywhere(page: Page, picture?: string): Promise<string[]> {
  const before = page.viewportSize()!;
  const faults: string[] = [];
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: before.height });
    faults.push(...(await faultsHere(page, picture)));
  }
  await page.setViewportSize(before);
  return faults;
}

/** The same in the window as it is, light and dark. */
export async function faultsHere(page: Page, picture?: string): Promise<string[]> {
  const { width } = page.viewportSize()!;
  await answered(page);
  await settled(page);
  const before = await page.evaluate(() => (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'));
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const faults: string[] = [];
  for (const theme of THEMES) {
    await page.emulateMedia({ colorScheme: theme });
    // Colours change by transitions, and half-way are no theme's.
    await page.waitForFunction(() => document.getAnimations().every(({ playState }) => playState !== 'running'));
    // Nothing but colours is another in the second theme.
    const rules = theme === THEMES[0] ? undefined : COLOUR_RULES;
    faults.push(...(await accessibilityFaults(page, rules)).map((fault) => `${width}, ${theme}: ${fault}`));
    if (picture !== undefined) await take(page, picture, width, theme);
  }
  const wider = await overflow(page);
  if (wider > 0) faults.push(`${width}: ${wider} pixels too wide`);
  faults.push(...(await cutParts(page)).map((part) => `${width}: ${part}`));
  await page.emulateMedia({ colorScheme: before });
  return faults;
}

/** Waits until a window that was given another size has drawn what goes by it: three frames of the same, or twenty. */
export function settled(page: Page): Promise<void> {
  return page.evaluate(async () => {
    let [before, same] = ['', 0];
    for (let frame = 0; frame < 20 && same < 3; frame++) {
      await new Promise(requestAnimationFrame);
      const now = document.body.innerHTML;
      same = now === before ? same + 1 : 0;
      before = now;
    }
  });
}

const SUFFIXES: Readonly<Record<string, string>> = { '1440 light': '', '1440 dark': '-dark', '390 light': '-phone' };

/** A picture for the documentation: of a desk, light and dark, and of a phone. */
async function take(page: Page, name: string, width: number, theme: 'light' | 'dark'): Promise<void> {
  const folder = process.env['RAMPART_PICTURES'];
  const suffix = SUFFIXES[`${width} ${theme}`];
  if (folder === undefined || suffix === undefined) return;
  const file = path.resolve(ROOT, folder, `${name}${suffix}.png`);
  if (!existsSync(file)) return;
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  const clip = { x: 0, y: 0, width, height: Math.min(height, LONGEST) };
  await page.screenshot({ path: file, fullPage: true, clip });
}
