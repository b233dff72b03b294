import { logger, readJson, type Tree } from '@nx/devkit';

import { formatted } from '../formatted';
import { attackSource } from './attack';
import { namesOf } from './component';

export interface PluginOptions {
  readonly name: string;
  readonly directory?: string;
}

/** A folder with one attack that needs nothing of the workspace but published packages. */
export default async function plugin(tree: Tree, { name, directory = 'plugins' }: PluginOptions) {
  const { camel } = namesOf(name);
  const folder = `${directory}/${name}`;
  if (tree.exists(folder)) throw new Error(`There is a ${folder} already. Choose another name, or remove it first.`);
  const { version } = readJson<{ version: string }>(tree, 'libs/core/package.json');
  const core = `^${version}`;
  const source = attackSource(name, camel, `${folder}/${name}.ts`)
    .replace('import { defineAttack, RampartError }', 'import { defineAttack, definePlugin, RampartError }')
    .concat(
      `\nexport default definePlugin({ name: '${name}', version: '0.1.0', core: '${core}', components: [${camel}] });\n`,
    );
  const files: Readonly<Record<string, string>> = {
    [`${name}.ts`]: source,
    [`${name}.spec.ts`]: `
import { describeAttack } from '@rampart/testing';

import { ${camel} } from './${name}';

describeAttack(${camel}, { params: { epsilon: 0.1 } });
`,
    'README.md': `# ${name}

What the attack does, in the words of its source.

Prove it with \`rampart check ${folder}/${name}.ts\`; use it in an experiment file with \`plugins: [./${name}.ts]\` and \`attacks: [${name}(epsilon=0.1)]\`.
`,
    'package.json': `${JSON.stringify(
      {
        name: `rampart-plugin-${name}`,
        version: '0.1.0',
        private: true,
        type: 'commonjs',
        main: `./${name}.ts`,
        peerDependencies: { '@rampart/core': core, zod: '^4.6.7' },
        devDependencies: { '@rampart/testing': core },
      },
      null,
      2,
    )}\n`,
    'jest.config.cjs': `module.exports = require('${'../'.repeat(folder.split('/').length)}jest.preset.cjs')('${name}');\n`,
    'tsconfig.json': `${JSON.stringify(
      {
        extends: `${'../'.repeat(folder.split('/').length)}tsconfig.base.json`,
        compilerOptions: { composite: false, declarationMap: false, noEmit: true, types: ['node', 'jest'] },
        include: ['*.ts'],
      },
      null,
      2,
    )}\n`,
  };
  for (const [file, text] of Object.entries(files)) {
    tree.write(`${folder}/${file}`, await formatted(text, `${tree.root}/${folder}/${file}`));
  }
  return () =>
    logger.info(
      `\nNext: fill in the search in ${folder}/${name}.ts.\nThen: npm run rampart -- check ${folder}/${name}.ts`,
    );
}
