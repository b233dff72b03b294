import { type ComponentSpec, isRampartError, parseComponent } from '@rampart/core';

/** The component that a label writes; undefined for the label of a model that somebody brought, which may be any text. */
export function specOf(label: string): ComponentSpec | undefined {
  try {
    return parseComponent(label);
  } catch (error) {
    if (isRampartError(error)) return undefined;
    throw error;
  }
}

/** The component's name in a label; the whole of a label that writes none. */
export function nameOf(label: string): string {
  return specOf(label)?.name ?? label;
}
