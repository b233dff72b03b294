export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;
/** A gate that is not passed. */
export const EXIT_GATE = 3;
/** As shells report a process that SIGINT ended. */
export const EXIT_INTERRUPTED = 130;
/** As shells report a process that SIGPIPE ended. */
export const EXIT_PIPE_CLOSED = 141;

/** Ends the program with a code after everything has been said. */
export class ExitCode extends Error {
  constructor(readonly code: number) {
    super(`exit ${code}`);
  }
}
