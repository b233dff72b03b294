import { EXIT_PIPE_CLOSED } from './exit-code';

/**
 * Ends the program without a word when the reader of its output has gone, as `rampart list attacks | head -1` does it:
 * nobody is left to tell anything, and what was finished is in the store.
 */
export function endWhenPipeCloses(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit(EXIT_PIPE_CLOSED);
    });
  }
}
