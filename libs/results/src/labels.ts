import { type ComponentSpec, isRampartError, parseComponent } from '@rampart/core';

/** Labels whose components are kept: more than the runs of one page have. */
const KEPT = 2000;

/** Reading a label takes a tenth of a millisecond, and a matrix asks about the same ones at each of its figures. */
const known = new Map<string, ComponentSpec | undefined>();

/** The component that a label writes; undefined for the label of a model that somebody brought, which may be any text. */
export function specOf(label: string): ComponentSpec | undefined {
  if (known.has(label)) return known.get(label);
  const spec = readSpec(label);
  if (known.size >= KEPT) known.delete(known.keys().next().value!);
  known.set(label, spec);
  return spec;
}

function readSpec(label: string): ComponentSpec | undefined {
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
