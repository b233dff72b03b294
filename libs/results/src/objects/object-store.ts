/** Where names of content lie that comes and goes, beside those of content that is named by its checksum. */
export const CHECKPOINTS = 'checkpoints';

/** What is to be kept: bytes, or a file of this machine, which is taken over: whatever becomes of it, it is gone then. */
export type Content = Uint8Array | { readonly file: string; readonly bytes: number };

/** A name and what it stands for, as an `ObjectStore` is given them. */
export interface NamedContent {
  /** Below the place: `ab/abcd....onnx`. */
  readonly name: string;
  readonly content: Content;
  /** The content's SHA-256 in hexadecimal digits, so that whoever receives it can refuse what was damaged on the way. */
  readonly checksum: string;
}

/** Keeps content under names, whole or not at all. That it is what it should be is its user's matter. */
export interface ObjectStore {
  /** What `--artifacts` calls it: an absolute folder, or `s3://bucket/prefix`. */
  readonly location: string;
  /** What messages put before a name. */
  readonly place: string;
  /** A folder of this machine for files that are to be put. */
  readonly unfinished: string;
  /** Undefined where there is nothing of that name. */
  get(name: string): Promise<Uint8Array | undefined>;
  /** False, and nothing is changed, when there is something of that name and it is not to be replaced. */
  put(object: NamedContent, replace: boolean): Promise<boolean>;
  /** Milliseconds since the epoch; undefined where there is nothing of that name. */
  modified(name: string): Promise<number | undefined>;
  /** Makes it young: as if it had just been put. */
  refresh(object: NamedContent): Promise<void>;
  remove(name: string): Promise<void>;
  /** Every name, or those that begin so. */
  list(beginning?: string): Promise<string[]>;
  /** Removes what was begun before `before`, milliseconds since the epoch, and never finished. */
  sweep(before: number): Promise<void>;
}

/** An object store whose content can be had as files of this machine. */
export interface LocalObjects extends ObjectStore {
  /** Where these are copies: what they are copies of. */
  readonly origin?: ObjectStore;
  /** A file that has the content. Undefined where there is nothing of that name. */
  file(name: string): Promise<string | undefined>;
}
