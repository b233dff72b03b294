import { readdir, readFile, rename } from 'node:fs/promises';

import { isMissingFile, isRampartError, messageOf, RampartError, throwIfCancelled } from './error';

describe('RampartError', () => {
  it('carries a code, a message and a cause', () => {
    const cause = new Error('ENOENT');
    const error = new RampartError({ code: 'store', message: 'The store cannot be read.', cause });
    expect(error).toMatchObject({ name: 'RampartError', code: 'store', message: 'The store cannot be read.', cause });
    expect(error).toBeInstanceOf(Error);
    expect('cause' in new RampartError({ code: 'store', message: 'x' })).toBe(false);
  });
});

describe('isRampartError', () => {
  it('knows one from another copy of the library by its name and code', () => {
    expect(isRampartError(new RampartError({ code: 'usage', message: 'x' }))).toBe(true);
    expect(isRampartError(Object.assign(new Error('x'), { name: 'RampartError', code: 'usage' }))).toBe(true);
    expect(isRampartError(new Error('x'))).toBe(false);
    expect(isRampartError({ name: 'RampartError', code: 'usage' })).toBe(false);
    expect(isRampartError(undefined)).toBe(false);
  });
});

it('messageOf takes whatever was thrown', () => {
  expect([messageOf(new TypeError('off')), messageOf('text'), messageOf(undefined)]).toEqual([
    'off',
    'text',
    'undefined',
  ]);
});

it('messageOf has the words of the system, without its codes and paths', async () => {
  const of = (work: Promise<unknown>) =>
    work.then(String, (error: unknown) => [messageOf(error), isMissingFile(error)]);
  expect(await of(readFile('/no/such, file'))).toEqual(['no such file or directory', true]);
  expect(await of(rename('/no/such', '/no/other'))).toEqual(['no such file or directory', true]);
  expect(await of(readFile('/'))).toEqual(['it is a folder, not a file', true]);
  expect(await of(readdir(__filename))).toEqual(['not a directory', true]);
  expect(isMissingFile(new Error('no such file'))).toBe(false);
});

it('throwIfCancelled throws once the signal has fired, with its reason', () => {
  const controller = new AbortController();
  expect(() => throwIfCancelled(undefined)).not.toThrow();
  expect(() => throwIfCancelled(controller.signal)).not.toThrow();
  controller.abort('SIGINT');
  expect(() => throwIfCancelled(controller.signal)).toThrow(
    expect.objectContaining({ code: 'cancelled', cause: 'SIGINT' }),
  );
});
