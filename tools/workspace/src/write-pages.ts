// `npm run docs`: brings the registries, and the part of every component's page that is made from the code, up to
// date; a page that is missing is begun, and what it lacks is named by the workspace's tests. With --check it changes nothing, names what is out of date, and fails.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { toJSONSchema } from 'zod';

import { discFiles } from './disc';
import { formatted, registryOf } from './formatted';
import { factsOf, type ToJsonSchema } from './facts';
import { type Kind, kinds } from './kinds';
import { componentsOf, type Files } from './listing';
import { withFacts, withMarks } from './page';

/** What the pages of one kind should be, by file. */
async function pagesOf(kind: Kind, files: Files, root: string): Promise<Map<string, string>> {
  const pages = new Map<string, string>();
  for (const { source, page, exported, name } of componentsOf(kind, files)) {
    const module = (await import(join(root, source))) as Record<string, { name?: string }>;
    if (kind.name !== 'gradient-rule' && module[exported]!.name !== name) {
      throw new Error(`${source} declares "${module[exported]!.name}". Expected the name of its file, "${name}".`);
    }
    const facts = factsOf(kind.name, module[exported], source, toJSONSchema as ToJsonSchema);
    pages.set(page, await formatted(withFacts(withMarks(name, files.read(page)), facts), join(root, page)));
  }
  return pages;
}

async function main(root: string, check: boolean): Promise<void> {
  const files = discFiles(root);
  const bringUpToDate = (file: string, text: string): void => {
    if (text === files.read(file)) return;
    process.stdout.write(`${check ? 'out of date: ' : ''}${file}\n`);
    if (check) process.exitCode = 1;
    else writeFileSync(join(root, file), text);
  };
  // Registries first: to load a component for its page is to load its library.
  for (const kind of kinds) bringUpToDate(kind.registry, await registryOf(kind, files, root));
  for (const kind of kinds) {
    for (const [file, text] of await pagesOf(kind, files, root)) bringUpToDate(file, text);
  }
}

void main(join(__dirname, '../../..'), process.argv.includes('--check'));
