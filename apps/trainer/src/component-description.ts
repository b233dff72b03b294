import type { ComponentDefinition } from '@rampart/core';
import { z } from 'zod';

/** A parameter as a person reads it. */
export interface ParameterDescription {
  readonly name: string;
  readonly type: string;
  /** Undefined where a value has to be given. */
  readonly default?: unknown;
  readonly description: string;
}

/** A component and its parameters, as plain data. */
export function describeComponent({ name, summary, source, version, params }: ComponentDefinition) {
  return { name, summary, source, version, parameters: parametersOf(params) };
}

/** The parameters of a component, from their schema. */
export function parametersOf(params: z.ZodObject): ParameterDescription[] {
  const { properties = {} } = z.toJSONSchema(params, { io: 'input', unrepresentable: 'any' });
  return Object.entries(properties).map(([name, property]) => {
    const schema = property as { type?: string; enum?: unknown[]; default?: unknown; description?: string };
    return {
      name,
      type: schema.enum ? schema.enum.join(' | ') : (schema.type ?? 'component'),
      ...(schema.default !== undefined && { default: schema.default }),
      description: schema.description ?? '',
    };
  });
}
