/**
 * To be loaded before the program of a child whose standard input is a pipe: ends it with its parent, also where the
 * parent was killed and could not do so itself.
 */
process.stdin.on('end', () => process.exit()).on('error', () => process.exit());
process.stdin.resume();

export {};
