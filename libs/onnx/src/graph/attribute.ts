import { RampartError } from '@rampart/core';

import type { Attribute, Graph, Node, Tensor } from './ir';

/**
 * An attribute as a caller writes it: a plain number or list of numbers is made of integers, a float is written
 * `float(0.1)`.
 */
export type AttributeInput =
  Attribute | number | boolean | string | Tensor | Graph | readonly number[] | readonly string[] | undefined;

export type AttributeInputs = Readonly<Record<string, AttributeInput>>;

/** A float attribute. */
export function float(value: number): Attribute {
  return { type: 'float', value };
}

/** An attribute that is a list of floats. */
export function floats(value: readonly number[]): Attribute {
  return { type: 'floats', value };
}

/**
 * Attributes in full form; those that are undefined are left out.
 * @throws RampartError `usage` for a plain number that is no integer
 */
export function attributes(inputs: AttributeInputs): Record<string, Attribute> {
  const result: Record<string, Attribute> = {};
  for (const [name, input] of Object.entries(inputs)) {
    if (input !== undefined) result[name] = attribute(name, input);
  }
  return result;
}

function attribute(name: string, input: Exclude<AttributeInput, undefined>): Attribute {
  if (typeof input === 'boolean') return { type: 'int', value: Number(input) };
  if (typeof input === 'number') return { type: 'int', value: integer(name, input) };
  if (typeof input === 'string') return { type: 'string', value: input };
  if (isList(input)) {
    if (typeof input[0] === 'string') return { type: 'strings', value: input as readonly string[] };
    return { type: 'ints', value: (input as readonly number[]).map((value) => integer(name, value)) };
  }
  if ('nodes' in input) return { type: 'graph', value: input };
  if ('dims' in input) return { type: 'tensor', value: input };
  return input;
}

function isList(input: AttributeInput): input is readonly number[] | readonly string[] {
  return Array.isArray(input);
}

function integer(name: string, value: number): number {
  if (Number.isInteger(value)) return value;
  throw new RampartError({
    code: 'usage',
    message: `Attribute "${name}" is ${value}, no integer. Write float(${value}) for an attribute that is a float.`,
  });
}

function wrongType(node: Node, name: string, expected: string, received: Attribute): RampartError {
  return new RampartError({
    code: 'bad-model',
    message: `Expected attribute "${name}" of ${describe(node)} to be ${expected}. Received: ${received.type}.`,
  });
}

/** `Conv "conv1"`: how messages name a node. */
export function describe(node: Node): string {
  const op = node.domain ? `${node.domain}.${node.op}` : node.op;
  const name = node.name || node.outputs.find((output) => output !== '') || '';
  return `${op} "${name}"`;
}

/** An integer attribute, or its default. */
export function intOf(node: Node, name: string): number | undefined;
export function intOf(node: Node, name: string, fallback: number): number;
export function intOf(node: Node, name: string, fallback?: number): number | undefined {
  const found = node.attributes[name];
  if (!found) return fallback;
  if (found.type !== 'int') throw wrongType(node, name, 'an int', found);
  return found.value;
}

/** A float attribute, or its default. */
export function floatOf(node: Node, name: string, fallback: number): number {
  const found = node.attributes[name];
  if (!found) return fallback;
  if (found.type !== 'float') throw wrongType(node, name, 'a float', found);
  return found.value;
}

/** A list of integers; undefined where the node has none. */
export function intsOf(node: Node, name: string): readonly number[] | undefined {
  const found = node.attributes[name];
  if (!found) return undefined;
  if (found.type !== 'ints') throw wrongType(node, name, 'a list of ints', found);
  return found.value;
}

/** A string attribute, or its default. */
export function stringOf(node: Node, name: string, fallback: string): string {
  const found = node.attributes[name];
  if (!found) return fallback;
  if (found.type !== 'string') throw wrongType(node, name, 'a string', found);
  return found.value;
}
