// Loads the modules that most commands load from one file that has them all, with V8's code for them, instead of each
// from where it lies, which takes twice as long. The file is written by the first command that loads many, the code by
// the second; a module that has changed since is loaded from where it lies. For processes and threads of Rampart's own.
import { isMainThread } from 'node:worker_threads';

import { loader, requireOf } from './node-modules';
import { packModules, replace } from './pack-modules';
import { PackedModules } from './packed-modules';
import { placeOf } from './place';

/** Modules from where they lie, from which on all are packed anew. */
const MANY = 50;

/** Options of Node with which modules are other ones. */
const CHANGES_MODULES = /(?:^|\s)(?:-r|--require|--import|--loader|--experimental-loader|-C|--conditions|--preserve-)/;

function useModuleCache(): void {
  const place = attempt(() => placeOf(__dirname));
  if (!place) return;
  const packed = attempt(() => PackedModules.read(place));
  const missed = new Set<string>();
  const requests = new Map<string, Map<string, string>>();
  const note = (folder: string, request: string, file: string) => {
    const asked = requests.get(folder);
    if (asked) asked.set(request, file);
    else requests.set(folder, new Map([[request, file]]));
  };
  const resolveAsBefore = loader._resolveFilename.bind(loader);
  const loadAsBefore = loader._extensions['.js']!;

  loader._resolveFilename = (request, parent, isMain, options) => {
    const folder = parent?.path;
    if (folder === undefined || isMain || options) return resolveAsBefore(request, parent, isMain, options);
    const known = packed?.resolve(folder, request);
    if (known !== undefined) return known;
    const file = resolveAsBefore(request, parent, isMain, options);
    note(folder, request, file);
    return file;
  };
  loader._extensions['.js'] = (module, filename) => {
    const factory = packed?.get(filename);
    if (factory) return factory.call(module.exports, module.exports, requireOf(module), module, filename, module.path);
    missed.add(filename);
    loadAsBefore(module, filename);
  };
  if (!isMainThread) return;
  process.once('exit', () =>
    attempt(() => {
      if (missed.size < MANY) {
        if (packed && !packed.compiled) replace(packed.code, packed.createCode());
        return;
      }
      for (const [folder, request, file] of packed?.requests() ?? []) note(folder, request, file);
      packModules(place, new Set([...(packed?.files() ?? []), ...missed]), requests);
    }),
  );
}

/** What cannot be read is done without, and what cannot be written is not kept. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

const options = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].join(' ');
if (!process.env['NODE_DISABLE_COMPILE_CACHE'] && !CHANGES_MODULES.test(options)) useModuleCache();
