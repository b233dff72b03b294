// `npm run contributing`: draws the picture of the libraries in CONTRIBUTING.md and makes its table of what a change
// re-runs, both from Nx's project graph. With --check it changes nothing, and fails where they are out of date.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { createProjectGraphAsync, type ProjectGraph, readJsonFile } from '@nx/devkit';

/** Kinds of change, each by a file that stands for it. */
const CHANGES: readonly (readonly [what: string, file: string])[] = [
  ['an attack', 'libs/attacks/src/white-box/fgs.ts'],
  ['a defense', 'libs/defenses/src/rad.ts'],
  ['a dataset', 'libs/datasets/src/mnist.ts'],
  ['a metric', 'libs/metrics/src/recall.ts'],
  ['an audit', 'libs/audits/src/chance.ts'],
  ['an architecture', 'libs/models/src/architectures/lenet5.ts'],
  ['a gradient rule', 'libs/onnx/src/gradient/rules/softmax.ts'],
  ['the store', 'libs/results/src/store.ts'],
  ['the dashboard', 'apps/dashboard/src/app/page.tsx'],
  ['a command', 'apps/trainer/src/commands/list.ts'],
  ['a contract', 'libs/core/src/attack.ts'],
  ['a page of documentation', 'docs/components/attacks/fgs.md'],
];

interface Package {
  readonly description?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const short = (project: string) => project.replace('@rampart/', '');

/** Mermaid's text: an arrow where one imports the other, arrows left out that follow from others. */
function picture(graph: ProjectGraph, root: string): string {
  const packages = new Map(
    Object.values(graph.nodes).map(({ name, data }) => [
      name,
      readJsonFile<Package>(join(root, data.root, 'package.json')),
    ]),
  );
  const names = [...packages.keys()].filter((name) => name !== '@rampart/workspace').sort();
  // What only specs import is declared as a devDependency, and is no arrow here.
  const direct = new Map(
    names.map((name) => [
      name,
      (graph.dependencies[name] ?? [])
        .map(({ target }) => target)
        .filter((target) => packages.get(name)?.dependencies?.[target] && names.includes(target)),
    ]),
  );
  const reaches = (from: string, to: string): boolean =>
    direct.get(from)!.some((next) => next === to || reaches(next, to));
  const arrows = names.flatMap((name) => {
    const targets = [...new Set(direct.get(name))].sort();
    return targets
      .filter((target) => !targets.some((other) => other !== target && reaches(other, target)))
      .map((target) => `  ${short(name)} --> ${short(target)}`);
  });
  const lines = names.map((name) => `| ${short(name)} | ${packages.get(name)?.description ?? ''} |`);
  return `\`\`\`mermaid
graph TD
${arrows.join('\n')}
\`\`\`

| project | what it holds |
| --- | --- |
${lines.join('\n')}`;
}

/** What each kind of change affects: the project that has the file, and all that depend on it. */
function table(graph: ProjectGraph): string {
  const rows = CHANGES.map(([what, file]) => {
    const owner = Object.values(graph.nodes).find(({ data }) => file.startsWith(`${data.root}/`))?.name;
    const projects = owner === undefined ? [] : [...dependents(graph, owner)];
    return `| ${what} | \`${file}\` | ${projects.map(short).sort().join(', ') || 'nothing'} |`;
  });
  return `| a change in | such as | re-runs lint, types and tests of |\n| --- | --- | --- |\n${rows.join('\n')}`;
}

function dependents(graph: ProjectGraph, name: string, found = new Set<string>()): Set<string> {
  if (found.has(name)) return found;
  found.add(name);
  for (const [source, edges] of Object.entries(graph.dependencies)) {
    if (edges.some(({ target }) => target === name)) dependents(graph, source, found);
  }
  return found;
}

/** Puts a text between the two marks of a section. */
function between(page: string, section: string, text: string): string {
  const [begin, end] = [`<!-- ${section}: made by "npm run contributing" -->`, `<!-- end of ${section} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`CONTRIBUTING.md has no section between "${begin}" and "${end}".`);
  return `${page.slice(0, from)}${begin}\n\n${text}\n\n${page.slice(to)}`;
}

async function main(root: string, check: boolean): Promise<void> {
  const file = join(root, 'CONTRIBUTING.md');
  const page = readFileSync(file, 'utf8');
  const graph = await createProjectGraphAsync({ exitOnError: true });
  const made = between(between(page, 'picture', picture(graph, root)), 'affected', table(graph));
  if (made === page) return;
  process.stdout.write(`${check ? 'out of date: ' : ''}CONTRIBUTING.md\n`);
  if (check) process.exitCode = 1;
  else writeFileSync(file, made);
}

void main(join(__dirname, '../../..'), process.argv.includes('--check'));
