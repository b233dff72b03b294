import { readFileSync } from 'node:fs';
import path from 'node:path';

import { ROOT } from '../integration/rampart';

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  /** It comes inside the package that it lies in. */
  readonly inBundle?: boolean;
  readonly os?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const text = readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8');
const { packages } = JSON.parse(text) as { packages: Readonly<Record<string, Locked>> };
const fromRegistry = Object.entries(packages).filter(
  ([at, { link, inBundle }]) => at.includes('node_modules/') && !link && !inBundle,
);

/** Where a package finds another: in its own node_modules, or in those above it. */
function resolve(from: string, name: string): Locked | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const found = packages[folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`];
    if (found || folder === '') return found;
  }
}

describe('the lock file', () => {
  it('has every package that a package names, the optional ones of all platforms among them', () => {
    const absent = Object.entries(packages).flatMap(([at, { dependencies, optionalDependencies }]) =>
      Object.keys({ ...dependencies, ...optionalDependencies })
        .filter((name) => !resolve(at, name))
        .map((name) => `${at} needs ${name}`),
    );
    expect(absent).toEqual([]);
  });

  it.each(['@swc/core', 'next', '@unrs/resolver-binding', 'lightningcss', 'sharp', 'nx'])(
    'has binaries of %s for Linux, macOS and Windows',
    (name) => {
      const systems = new Set(fromRegistry.flatMap(([at, { os }]) => (at.includes(prefixOf(name)) ? (os ?? []) : [])));
      expect([...systems]).toEqual(expect.arrayContaining(['linux', 'darwin', 'win32']));
    },
  );

  it('pins every package by version and content', () => {
    const loose = fromRegistry.filter(([, { version, integrity }]) => !version || !/^sha512-/.test(integrity ?? ''));
    expect(loose.map(([at]) => at)).toEqual([]);
    expect(fromRegistry.length).toBeGreaterThan(900);
  });

  it("names no registry but npm's, so that any mirror of it serves", () => {
    const hosts = [...text.matchAll(/"resolved": "[a-z+]+:\/\/([^/"]+)/g)].map(([, host]) => host);
    expect(hosts.filter((host) => host !== 'registry.npmjs.org')).toEqual([]);
  });
});

/** How the packages with a package's binaries begin. */
function prefixOf(name: string): string {
  return { next: '@next/swc-', sharp: '@img/sharp-', nx: '@nx/nx-' }[name] ?? name;
}
