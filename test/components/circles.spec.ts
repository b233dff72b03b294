import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import * as ts from 'typescript';

import { ROOT } from '../integration/rampart';

const PROJECTS = ['libs', 'apps', 'tools'].flatMap((folder) =>
  ts.sys.getDirectories(path.join(ROOT, folder)).map((name) => `${folder}/${name}`),
);

/** What a module imports or hands on besides types, which are gone once it runs. */
function importedBy(file: string): string[] {
  const { statements } = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  return statements.flatMap((statement) => {
    if (ts.isImportDeclaration(statement)) {
      const clause = statement.importClause;
      const named = clause?.namedBindings;
      const types =
        clause?.isTypeOnly ||
        (clause && !clause.name && named && ts.isNamedImports(named) && named.elements.every((one) => one.isTypeOnly));
      return types ? [] : (statement.moduleSpecifier as ts.StringLiteral).text;
    }
    if (!ts.isExportDeclaration(statement) || !statement.moduleSpecifier || statement.isTypeOnly) return [];
    const named = statement.exportClause;
    if (named && ts.isNamedExports(named) && named.elements.every((one) => one.isTypeOnly)) return [];
    return (statement.moduleSpecifier as ts.StringLiteral).text;
  });
}

/** The modules of a project, by path, with those of its own that each imports. */
function importsIn(project: string): Map<string, string[]> {
  const source = path.join(ROOT, project, 'src');
  const modules = new Set(ts.sys.readDirectory(source, ['.ts', '.tsx']).map((file) => path.resolve(file)));
  const found = (stem: string) =>
    [stem, stem.replace(/\.js$/, ''), path.join(stem, 'index')]
      .flatMap((base) => [base, `${base}.ts`, `${base}.tsx`])
      .find((file) => modules.has(file));
  return new Map(
    [...modules].map((file) => {
      const targets = importedBy(file).flatMap((name) => {
        // The dashboard's modules name each other from their common folder.
        if (name.startsWith('@/')) return found(path.join(source, name.slice(2))) ?? [];
        return name.startsWith('.') ? (found(path.resolve(path.dirname(file), name)) ?? []) : [];
      });
      return [file, targets];
    }),
  );
}

/** A circle of modules that import each other; undefined where there is none. */
function circleIn(imports: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const under: string[] = [];
  const visit = (file: string): string[] | undefined => {
    const place = under.indexOf(file);
    if (place >= 0) return [...under.slice(place), file];
    if (done.has(file)) return undefined;
    under.push(file);
    for (const target of imports.get(file) ?? []) {
      const circle = visit(target);
      if (circle) return circle;
    }
    under.pop();
    done.add(file);
    return undefined;
  };
  for (const file of imports.keys()) {
    const circle = visit(file);
    if (circle) return circle;
  }
  return undefined;
}

it.each(PROJECTS.filter((project) => existsSync(path.join(ROOT, project, 'src'))))(
  'no modules of %s import each other in a circle',
  (project) => {
    const imports = importsIn(project);
    expect(imports.size).toBeGreaterThan(0);
    expect(circleIn(imports)?.map((file) => path.relative(ROOT, file))).toBeUndefined();
  },
);

it('finds a circle where there is one', () => {
  const imports = new Map([
    ['a', ['b', 'c']],
    ['b', []],
    ['c', ['d']],
    ['d', ['b', 'c']],
  ]);
  expect(circleIn(imports)).toEqual(['c', 'd', 'c']);
  imports.set('d', ['b']);
  expect(circleIn(imports)).toBeUndefined();
});
