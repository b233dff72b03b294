import { readFileSync } from 'node:fs';
import { cachedDataVersionTag } from 'node:v8';
import { Script } from 'node:vm';

import { HASH_LENGTH, type PackIndex } from './pack-index';
import { isOwn, type Place, stampOf } from './place';

/** A module's function, as Node wraps it. */
export type Factory = (
  exports: unknown,
  require: NodeJS.Require,
  module: NodeJS.Module,
  filename: string,
  folder: string,
) => void;

/** Modules that are kept together. One that is no longer as it was is not among them. */
export class PackedModules {
  /** Where V8's code for them is: the text's, as V8 itself compares its length alone, and this version's. */
  readonly code: string;
  /** Whether that was there. */
  readonly compiled: boolean;
  private readonly script: Script;
  private readonly factories: Readonly<Record<string, Factory>>;
  private readonly stamps: ReadonlyMap<string, string>;
  private readonly fresh = new Map<string, boolean>();

  private constructor(
    place: Place,
    private readonly index: PackIndex,
  ) {
    const text = readFileSync(place.text, 'latin1');
    const hash = text.slice(2, 2 + HASH_LENGTH);
    this.code = `${place.text}.${hash}.${process.version}-${cachedDataVersionTag()}`;
    const cachedData = isOwn(this.code) ? readFileSync(this.code) : undefined;
    this.script = new Script(text, { filename: place.text, cachedData });
    this.compiled = cachedData !== undefined && !this.script.cachedDataRejected;
    this.factories = this.script.runInThisContext() as Record<string, Factory>;
    this.stamps = new Map(index.files);
  }

  /** Reads what was packed; undefined where there is nothing, or something else was installed since. */
  static read(place: Place): PackedModules | undefined {
    if (![place.index, place.text].every(isOwn)) return undefined;
    const index = JSON.parse(readFileSync(place.index, 'utf8')) as PackIndex;
    return index.installed === place.installed ? new PackedModules(place, index) : undefined;
  }

  get(file: string): Factory | undefined {
    return this.isFresh(file) ? this.factories[file] : undefined;
  }

  /** The file that a module of a folder means; undefined where that has to be found out. */
  resolve(folder: string, request: string): string | undefined {
    const at = this.index.requests[folder]?.[request];
    const file = at === undefined ? undefined : this.index.files[at]![0];
    return file !== undefined && this.isFresh(file) ? file : undefined;
  }

  /** All that is as it was, and what each asks for. */
  *requests(): Generator<readonly [folder: string, request: string, file: string]> {
    for (const [folder, asked] of Object.entries(this.index.requests)) {
      for (const [request, at] of Object.entries(asked)) yield [folder, request, this.index.files[at]![0]];
    }
  }

  files(): string[] {
    return this.index.files.map(([file]) => file).filter((file) => this.isFresh(file));
  }

  /** What V8 has made of them so far. */
  createCode(): Buffer {
    return this.script.createCachedData();
  }

  private isFresh(file: string): boolean {
    let fresh = this.fresh.get(file);
    if (fresh === undefined) {
      const stamp = this.stamps.get(file);
      this.fresh.set(file, (fresh = stamp !== undefined && stamp === stampOf(file)));
    }
    return fresh;
  }
}
