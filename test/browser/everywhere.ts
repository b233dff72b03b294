import type { Page } from 'playwright-core';

import { accessibilityFaults, overflow } from './browser';

/** Widths of a desk, a tablet and a phone, with the themes that each is looked at in. */
const LOOKS = [
  [1440, ['light']],
  [1024, ['dark']],
  [390, ['light', 'dark']],
] as const;

/**
 * What is wrong with a page as it stands on a desk, a tablet and a phone, light and dark: by how many pixels it is too
 * wide, and the serious faults of accessibility. The window is as wide after it as it was.
 */
export async function faultsEverywhere(page: Page): Promise<string[]> {
  const faults: string[] = [];
  const before = page.viewportSize()!;
  await page.emulateMedia({ reducedMotion: 'reduce' });
  for (const [width, themes] of LOOKS) {
    await page.setViewportSize({ width, height: before.height });
    for (const theme of themes) {
      await page.emulateMedia({ colorScheme: theme });
      // Colours change by transitions, and half-way are no theme's.
      await page.waitForFunction(() => document.getAnimations().every(({ playState }) => playState !== 'running'));
      faults.push(...(await accessibilityFaults(page)).map((fault) => `${width}, ${theme}: ${fault}`));
    }
    const wider = await overflow(page);
    if (wider > 0) faults.push(`${width}: ${wider} pixels too wide`);
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(before);
  return faults;
}
