/** An error as an object on standard output. */
export function sayJson(code: string, message: string, exitCode: number): void {
  process.stdout.write(`${JSON.stringify({ type: 'error', code, message, exitCode })}\n`);
}
