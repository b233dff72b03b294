/** What the workspace knows about one kind of component. */
export interface Kind {
  /** The name of its generator. */
  readonly name: KindName;
  /** Where its sources and specs are, at any depth, from the top of the workspace. */
  readonly folder: string;
  /** Where its pages are. */
  readonly pages: string;
  /** The file in that folder that is made from its listing. */
  readonly registry: string;
  /** Finds the name that a source file exports its component by. */
  readonly exported: RegExp;
  /** What a spec calls to prove a component of the kind. */
  readonly kit: RegExp;
  /** The text of the registry for these components. */
  register(components: readonly RegisteredComponent[]): string;
}

export interface RegisteredComponent {
  /** The file's name without its ending. */
  readonly name: string;
  /** The file from the kind's folder on, without its ending: `white-box/pgd`. */
  readonly path: string;
  /** What the file exports. */
  readonly exported: string;
}

export type KindName = 'attack' | 'defense' | 'dataset' | 'metric' | 'audit' | 'architecture' | 'gradient-rule';

const HEAD = '// Made from the files of this folder by `npx nx g @rampart/workspace:registries`; not edited by hand.';

/** A component of a library that has a registry of definitions from core. */
function component(name: 'attack' | 'defense' | 'dataset' | 'metric' | 'audit'): Kind {
  const title = name[0]!.toUpperCase() + name.slice(1);
  const folder = `libs/${name}s/src`;
  return {
    name,
    folder,
    pages: `docs/components/${name}s`,
    registry: `${folder}/registry.ts`,
    exported: new RegExp(`^export const (\\w+) = define${title}\\(`, 'm'),
    kit: new RegExp(`\\bdescribe${title}\\(`),
    register: (components) => `${HEAD}
import { type ${title}Definition, Registry } from '@rampart/core';

${imports(components)}

export { ${names(components)} };

/** Every ${name} of this library, by name. */
export const ${name}s: Registry<${title}Definition> = new Registry('${name}', [${names(components)}]);
`,
  };
}

const architecture: Kind = {
  name: 'architecture',
  folder: 'libs/models/src/architectures',
  pages: 'docs/components/models',
  registry: 'libs/models/src/architectures/index.ts',
  exported: /^export const (\w+) = defineArchitecture\(/m,
  kit: /\bdescribeModel\(/,
  register: (components) => `${HEAD}
import { Registry } from '@rampart/core';

import type { ArchitectureDefinition } from '../architecture';
${imports(components)}

/** Every architecture, by name. */
export const architectures: Registry<ArchitectureDefinition> = new Registry('model', [${names(components)}]);
`,
};

const gradientRule: Kind = {
  name: 'gradient-rule',
  folder: 'libs/onnx/src/gradient/rules',
  pages: 'docs/components/gradient-rules',
  registry: 'libs/onnx/src/gradient/rules/index.ts',
  exported: /^export const (\w+Rules)\b/m,
  kit: /\bitHasGradients\(/,
  register: (components) => `${HEAD}
import type { GradientRule } from '../rule';
${imports(components)}

/** Rules by operator, of ONNX's own domain. */
export const RULES: Readonly<Record<string, GradientRule>> = {
${components.map(({ exported }) => `  ...${exported},`).join('\n')}
};
`,
};

export const kinds: readonly Kind[] = [
  component('attack'),
  component('defense'),
  component('dataset'),
  component('metric'),
  component('audit'),
  architecture,
  gradientRule,
];

export function kindNamed(name: KindName): Kind {
  return kinds.find((kind) => kind.name === name)!;
}

function imports(components: readonly RegisteredComponent[]): string {
  return components.map(({ path, exported }) => `import { ${exported} } from './${path}';`).join('\n');
}

function names(components: readonly RegisteredComponent[]): string {
  return components.map(({ exported }) => exported).join(', ');
}
