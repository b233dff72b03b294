import Module from 'node:module';

/** What Node's loader of CommonJS modules is made of, which its types leave out. */
export interface Loader {
  _resolveFilename(request: string, parent: Parent | undefined, isMain?: boolean, options?: object): string;
  _resolveLookupPaths(request: string, parent: NodeJS.Module): string[] | null;
  readonly _extensions: Record<string, (module: NodeJS.Module, filename: string) => void>;
  readonly _cache: NodeJS.Dict<NodeJS.Module>;
}

export type Parent = Partial<Pick<NodeJS.Module, 'filename' | 'path'>>;

export const loader = Module as unknown as Loader;

/** The `require` of a module, as Node makes it. */
export function requireOf(module: NodeJS.Module): NodeJS.Require {
  const resolve = (request: string, options?: object) => loader._resolveFilename(request, module, false, options);
  return Object.assign((id: string) => module.require(id) as unknown, {
    cache: loader._cache,
    extensions: loader._extensions as NodeJS.Require['extensions'],
    main: process.mainModule,
    resolve: Object.assign(resolve, {
      paths: (request: string) => loader._resolveLookupPaths(request, module),
    }),
  });
}
