/** What went wrong, as a caller may act on it. */
export type ErrorCode =
  /** The caller's words are off: an unknown name, a parameter out of range, an experiment file with a typo. */
  | 'usage'
  /** What the caller named is not there, or no file: a file, a folder, a store. */
  | 'missing'
  /** A file or an array is not what it should be. */
  | 'bad-data'
  /** A model is refused: not ONNX, an operator without a gradient, a shape that does not fit. */
  | 'bad-model'
  /** A component broke its contract: NaN, outside the box, over its budget. */
  | 'contract'
  /** The store cannot be read or written. */
  | 'store'
  /** The store holds something else than was written to it. */
  | 'damaged'
  /** Something outside is missing: a native library, a download. */
  | 'unavailable'
  | 'cancelled';

/**
 * The one error type. Its message says what is wrong, what was expected, what was received and what to do.
 */
export class RampartError extends Error {
  override readonly name = 'RampartError';
  readonly code: ErrorCode;

  constructor(options: { code: ErrorCode; message: string; cause?: unknown }) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
  }
}

/** True for a RampartError, also one that came from another copy of this library or from a worker. */
export function isRampartError(error: unknown): error is RampartError {
  return error instanceof Error && error.name === 'RampartError' && 'code' in error;
}

/**
 * The message of anything that was thrown. Of the system's errors the words alone, "no such file or directory": whoever
 * tells them names the file.
 */
export function messageOf(error: unknown): string {
  if (!isError(error)) return String(error);
  const { code, syscall } = error;
  if (code === undefined || syscall === undefined) return error.message;
  if (code === 'EISDIR') return 'it is a folder, not a file';
  const words = /^[A-Z\d]+: (.*?)(?:, \w+(?: '.*')?)?$/s.exec(error.message)?.[1];
  return words ?? error.message;
}

/** Whether something failed because a file that somebody named is not there, or is a folder. */
export function isMissingFile(error: unknown): boolean {
  return isError(error) && /^(ENOENT|ENOTDIR|EISDIR)$/.test(error.code ?? '');
}

/** Also one of another realm. */
function isError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error || Object.prototype.toString.call(error) === '[object Error]';
}

/** Throws a RampartError with code `cancelled` if the signal has fired. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new RampartError({ code: 'cancelled', message: 'Cancelled.', cause: signal.reason });
}
