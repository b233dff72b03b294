import type { KindName } from './kinds';
import type { PageFacts, PageParameter } from './page';

/** What a module of a component exports, as far as pages tell of it. */
interface Definition {
  readonly summary: string;
  readonly source: string;
  readonly version: number;
  readonly params: { toJSONSchema?: never };
}

/** Makes the JSON schema of a zod schema: zod's own `toJSONSchema`. */
export type ToJsonSchema = (schema: unknown, options: object) => { properties?: Record<string, unknown> };

/** The facts of a page, from what the component's source file exports. */
export function factsOf(kind: KindName, exported: unknown, file: string, toJsonSchema: ToJsonSchema): PageFacts {
  if (kind === 'gradient-rule') {
    const operators = Object.keys(exported as object).sort();
    return {
      summary: `The gradients of ${operators.length} ${operators.length === 1 ? 'operator' : 'operators'}.`,
      source: '',
      version: undefined,
      parameters: [],
      operators,
      file,
    };
  }
  const { summary, source, version, params } = exported as Definition;
  return {
    summary: summary.replace(/([^.])$/, '$1.'),
    source,
    version,
    file,
    parameters: parametersOf(params, toJsonSchema),
  };
}

interface PropertySchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly PropertySchema[];
  readonly default?: unknown;
  readonly description?: string;
}

function parametersOf(params: unknown, toJsonSchema: ToJsonSchema): PageParameter[] {
  const schema = toJsonSchema(params, { io: 'input', unrepresentable: 'any' }) as {
    properties?: Record<string, PropertySchema>;
    required?: readonly string[];
  };
  return Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    type: 'component' in property ? `${String(property.component)}` : typeOf(property),
    default:
      property.default !== undefined
        ? JSON.stringify(property.default)
        : schema.required?.includes(name)
          ? 'required'
          : 'none',
    meaning: property.description ?? '',
  }));
}

function typeOf({ type, enum: values, const: only, anyOf }: PropertySchema): string {
  if (values) return values.join(' | ');
  if (only !== undefined) return JSON.stringify(only);
  if (anyOf) return [...new Set(anyOf.map(typeOf))].join(' | ');
  return Array.isArray(type) ? type.join(' | ') : ((type as string | undefined) ?? 'any');
}
