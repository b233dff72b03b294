// `npm run api-reports`: writes etc/api/LIBRARY.md, everything that a library exports with its types, from its built
// declarations. With --check it changes nothing, names what is out of date, and fails.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import * as ts from 'typescript';

import { formatted } from './formatted';

/** The report of one library: each exported name, in order, as its declaration says. */
function reportOf(library: string, entry: string, program: ts.Program): string {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(entry);
  const module = source && checker.getSymbolAtLocation(source);
  if (!module) throw new Error(`${entry} exports nothing. Build first: npm run build.`);
  const printer = ts.createPrinter({ removeComments: true });
  const declarations = checker
    .getExportsOfModule(module)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((symbol) => {
      const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      const texts = (target.declarations ?? []).map((declaration) => {
        const node = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
        return printer.printNode(
          ts.EmitHint.Unspecified,
          inOrder(withoutPrivates(node), printer),
          node.getSourceFile(),
        );
      });
      const renamed = target.name === symbol.name ? '' : `// exported as ${symbol.name}\n`;
      return `${renamed}${texts.join('\n').replace(/^export declare /gm, 'export ')}`;
    });
  return `# @rampart/${library}

What the library exports. Made by \`npm run api-reports\`; a change to it is a change to the public interface.

\`\`\`ts
${declarations.join('\n\n')}
\`\`\`
`;
}

/** Private members are nobody's interface. */
function withoutPrivates(node: ts.Node): ts.Node {
  if (!ts.isClassDeclaration(node)) return node;
  const members = node.members.filter(
    (member) =>
      !(member.name && ts.isPrivateIdentifier(member.name)) &&
      !(
        ts.canHaveModifiers(member) &&
        ts.getModifiers(member)?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword)
      ),
  );
  return ts.factory.updateClassDeclaration(
    node,
    node.modifiers,
    node.name,
    node.typeParameters,
    node.heritageClauses,
    members,
  );
}

/**
 * The compiler writes the members of inferred object and union types in the order in which it came across them, which
 * differs from build to build and means nothing: sorted by their text.
 */
function inOrder(declaration: ts.Node, printer: ts.Printer): ts.Node {
  const source = declaration.getSourceFile();
  const sorted = <T extends ts.Node>(nodes: readonly T[]): T[] => {
    const texts = new Map(nodes.map((node) => [node, printer.printNode(ts.EmitHint.Unspecified, node, source)]));
    return nodes.toSorted((a, b) => (texts.get(a)! < texts.get(b)! ? -1 : 1));
  };
  const { transformed } = ts.transform(declaration, [
    (context) => (top) => {
      const visit = (node: ts.Node): ts.Node => {
        const visited = ts.visitEachChild(node, visit, context);
        if (ts.isUnionTypeNode(visited)) {
          return ts.factory.updateUnionTypeNode(visited, ts.factory.createNodeArray(sorted(visited.types)));
        }
        // Overloads are tried in their order.
        if (!ts.isTypeLiteralNode(visited) || !visited.members.every(ts.isPropertySignature)) return visited;
        return ts.factory.updateTypeLiteralNode(visited, ts.factory.createNodeArray(sorted(visited.members)));
      };
      return visit(top);
    },
  ]);
  return transformed[0]!;
}

async function main(root: string, check: boolean): Promise<void> {
  mkdirSync(join(root, 'etc/api'), { recursive: true });
  const libraries = readdirSync(join(root, 'libs')).sort();
  const entryOf = (library: string) => join(root, 'libs', library, 'dist/index.d.ts');
  const program = ts.createProgram(libraries.map(entryOf), {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    skipLibCheck: true,
    types: ['node'],
  });
  for (const library of libraries) {
    const file = join(root, 'etc/api', `${library}.md`);
    const text = await formatted(reportOf(library, entryOf(library), program), file);
    if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
    process.stdout.write(`${check ? 'out of date: ' : ''}etc/api/${library}.md\n`);
    if (check) process.exitCode = 1;
    else writeFileSync(file, text);
  }
}

void main(join(__dirname, '../../..'), process.argv.includes('--check'));
