// `npm run grammar`: writes component-recipe.ts, what ohm reads the grammar of components into.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { recipeOfComponents } from './component-grammar.kit';

writeFileSync(
  join(__dirname, 'component-recipe.ts'),
  `/** Made of component-grammar.kit.ts by \`npm run grammar\`. */\nexport const RECIPE: unknown = ${recipeOfComponents()};\n`,
);
