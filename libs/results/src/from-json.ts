import { damaged } from './store-error';

/** A value that was stored as JSON. @throws RampartError `damaged` when the text is none */
export function fromJson<T>(text: string, column: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw damaged(`${column} has a value that is no JSON`, error);
  }
}
