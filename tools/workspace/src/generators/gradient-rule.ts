import type { Tree } from '@nx/devkit';

import { kindNamed } from '../kinds';
import { componentsOf } from '../listing';
import { pageText } from '../page';
import { type ComponentOptions, namesOf, writeComponent } from './component';
import { treeFiles } from './registries';

/**
 * The gradients of a new family of operators in libs/onnx.
 * @throws Error where the operator of that name has a rule already: the registry would have two
 */
export default async function gradientRule(tree: Tree, options: ComponentOptions) {
  const operator = namesOf(options.name).pascal;
  const files = treeFiles(tree);
  for (const { source } of componentsOf(kindNamed('gradient-rule'), files)) {
    if (!new RegExp(`^ {2}${operator}\\b`, 'm').test(files.read(source)!)) continue;
    throw new Error(`The operator ${operator} has a rule in ${source} already. Change that one, or remove it first.`);
  }
  return writeComponent(tree, 'gradient-rule', options, ({ name, camel, pascal }) => ({
    source: `
import type { GradientRule } from '../rule';

/** Give the formula: the gradient of each input, from that of the output. */
const ${camel}: GradientRule = (c) => {
  throw c.refuse('its rule is not written yet; write it in libs/onnx/src/gradient/rules/${name}.ts: return the name of the gradient of every input, made with c.emit from c.gradient');
};

/** By the operator's name in ONNX. */
export const ${camel}Rules: Readonly<Record<string, GradientRule>> = { ${pascal}: ${camel} };
`,
    spec: `
import { itHasGradients } from '../check-rule.kit';

describe('${pascal}', () => {
  itHasGradients('${pascal} of any shape', (numbers) => ({
    op: '${pascal}',
    inputs: [numbers.uniform([numbers.integer(1, 4), numbers.integer(1, 4)])],
  }));
});
`,
    page: pageText(name, 'The formula of the gradient of every input, and what is refused.'),
    next: `fill in the rule in libs/onnx/src/gradient/rules/${name}.ts, and say in its spec which inputs it is proved on.`,
  }));
}
