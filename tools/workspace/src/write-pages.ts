// `npm run docs`: brings the part of every component's page that is made from the code up to date.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { toJSONSchema } from 'zod';

import { discFiles } from './disc';
import { factsOf, type ToJsonSchema } from './facts';
import { kinds } from './kinds';
import { componentsOf, formatted } from './listing';
import { withFacts } from './page';

async function writePages(root: string): Promise<void> {
  const files = discFiles(root);
  for (const kind of kinds) {
    for (const { source, page, exported } of componentsOf(kind, files)) {
      const text = files.read(page);
      if (text === undefined) continue;
      const module = (await import(join(root, source))) as Record<string, unknown>;
      const facts = factsOf(kind.name, module[exported], source, toJSONSchema as ToJsonSchema);
      const written = await formatted(withFacts(text, facts), join(root, page));
      if (written !== text) {
        writeFileSync(join(root, page), written);
        process.stdout.write(`${page}\n`);
      }
    }
  }
}

void writePages(join(__dirname, '../../..'));
