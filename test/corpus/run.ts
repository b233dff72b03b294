import { resolve } from 'node:path';

import { type CaseResult, casesIn, checkCase, summarise } from './corpus';

/** Usage: run.ts FOLDER [PART OF A NAME] */
async function main(): Promise<void> {
  const folder = resolve(process.argv[2] ?? `${__dirname}/data`);
  const part = process.argv[3] ?? '';
  const results: CaseResult[] = [];
  for (const path of casesIn(folder)) {
    if (!path.includes(part)) continue;
    if (process.stderr.isTTY || process.env['VERBOSE']) process.stderr.write(`${path}\n`);
    results.push(await checkCase(folder, path));
  }
  console.log(summarise(results));
  process.exitCode = results.some(({ status }) => status === 'failed') ? 1 : 0;
}

void main();
