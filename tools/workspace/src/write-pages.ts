// `npm run docs`: brings the registries, and the part of every component's page that is made from the code, up to
// date. With --check it changes nothing, names what is out of date, and fails.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { toJSONSchema } from 'zod';

import { discFiles } from './disc';
import { formatted, registryOf } from './formatted';
import { factsOf, type ToJsonSchema } from './facts';
import { type Kind, kinds } from './kinds';
import { componentsOf, type Files } from './listing';
import { withFacts } from './page';

/** What the files of one kind should be, by name. */
async function expected(kind: Kind, files: Files, root: string): Promise<Map<string, string>> {
  const result = new Map([[kind.registry, await registryOf(kind, files, root)]]);
  for (const { source, page, exported, name } of componentsOf(kind, files)) {
    const text = files.read(page);
    // A page that is missing is for the author to write; the workspace's tests name it.
    if (text === undefined) continue;
    const module = (await import(join(root, source))) as Record<string, { name?: string }>;
    if (kind.name !== 'gradient-rule' && module[exported]!.name !== name) {
      throw new Error(`${source} declares "${module[exported]!.name}". Expected the name of its file, "${name}".`);
    }
    const facts = factsOf(kind.name, module[exported], source, toJSONSchema as ToJsonSchema);
    result.set(page, await formatted(withFacts(text, facts), join(root, page)));
  }
  return result;
}

async function main(root: string, check: boolean): Promise<void> {
  const files = discFiles(root);
  for (const kind of kinds) {
    for (const [file, text] of await expected(kind, files, root)) {
      if (text === files.read(file)) continue;
      process.stdout.write(`${check ? 'out of date: ' : ''}${file}\n`);
      if (check) process.exitCode = 1;
      else writeFileSync(join(root, file), text);
    }
  }
}

void main(join(__dirname, '../../..'), process.argv.includes('--check'));
