import { distance } from 'fastest-levenshtein';
import { z } from 'zod';

import { type ComponentSpec, formatComponent, parseComponent, type Parameters, type ParameterValue } from './component';
import { RampartError } from './error';
import { plainly } from './plainly';

/** What every component has: a name, a description, a source, a schema of parameters and a version of its code. */
export interface ComponentDefinition {
  readonly kind: string;
  /** The name of its file, and what an experiment file writes. */
  readonly name: string;
  /** One sentence for `rampart list`. */
  readonly summary: string;
  /** The paper and equation it implements. */
  readonly source: string;
  /** Raised when the component computes something else than before, so that cached steps are not taken for new ones. */
  readonly version: number;
  /** The plugin that it comes from and a hash of its code; none for Rampart's own. */
  readonly origin?: string;
  /** Keyword parameters, each with a default unless it has none that makes sense. */
  readonly params: z.ZodObject;
}

/** A component with its parameters checked and defaulted. */
export interface Resolved<D extends ComponentDefinition> {
  readonly definition: D;
  readonly params: z.output<D['params']>;
  /** Name and all parameters, defaults included: what determines a result. */
  readonly spec: ComponentSpec;
  /** As a person would write it: without the parameters that have their defaults, unless they are always shown. */
  readonly label: string;
  /** Code versions by name: the component's own, and those of the components that its parameters name. */
  readonly versions: Readonly<Record<string, number | string>>;
}

/**
 * What a parameter's schema says about itself, by zod's `meta`, last in the chain.
 * - `shown`: part of every label, even with its default, such as the epsilon of fgs
 * - `component`: the parameter is a component of this kind
 */
export interface ParameterMeta {
  readonly shown?: boolean;
  readonly component?: string;
}

/** Registries by kind, for parameters that are components themselves. */
export type RelatedRegistries = Readonly<Record<string, Registry<ComponentDefinition>>>;

/** The components of one kind, by name. */
export class Registry<D extends ComponentDefinition> {
  private readonly definitions = new Map<string, D>();

  constructor(
    /** What one entry is called: "attack". */
    readonly kind: string,
    definitions: readonly D[] = [],
  ) {
    for (const definition of definitions) this.add(definition);
  }

  /** @throws RampartError `usage` when the name is taken. */
  add(definition: D): void {
    if (this.definitions.has(definition.name)) {
      throw new RampartError({
        code: 'usage',
        message: `There are two components of kind ${this.kind} with the name "${definition.name}". Rename one of them.`,
      });
    }
    this.definitions.set(definition.name, definition);
  }

  /** All names, in alphabetical order. */
  names(): string[] {
    return [...this.definitions.keys()].sort();
  }

  has(name: string): boolean {
    return this.definitions.has(name);
  }

  /** @throws RampartError `usage` that lists the known names and the one that was probably meant. */
  get(name: string): D {
    const definition = this.definitions.get(name);
    if (!definition) throw unknownName(this.kind, name, this.names());
    return definition;
  }

  /**
   * Looks a component up and checks its parameters, and those of the components among its parameters.
   * @throws RampartError `usage`
   */
  resolve(spec: ComponentSpec, related: RelatedRegistries = {}): Resolved<D> {
    const definition = this.get(spec.name);
    const params = parseParameters(definition, spec.params);
    const shown = withoutDefaults(definition, params);
    const versions: Record<string, number | string> = { [definition.name]: versionOf(definition) };
    for (const [key, schema] of Object.entries(definition.params.shape)) {
      const registry = related[metaOf(schema).component ?? ''];
      if (!registry || params[key] === undefined) continue;
      const given = params[key] as ComponentSpec | readonly ComponentSpec[];
      const several = Array.isArray(given) ? (given as readonly ComponentSpec[]) : undefined;
      const nested = (several ?? [given as ComponentSpec]).map((one) => registry.resolve(one, related));
      const listed = <T>(of: readonly T[]) => (several ? of : of[0]!) as T;
      params[key] = listed(nested.map(({ spec: own }) => own));
      if (key in shown) shown[key] = listed(nested.map(({ label }) => parseComponent(label)));
      for (const one of nested) Object.assign(versions, one.versions);
    }
    return {
      definition,
      params: params as z.output<D['params']>,
      spec: { name: spec.name, params },
      label: formatComponent({ name: spec.name, params: shown }),
      versions,
    };
  }
}

/** What names the code of a component in the keys of results. */
function versionOf({ version, origin }: ComponentDefinition): number | string {
  return origin === undefined ? version : `${version} of ${origin}`;
}

/** The error for a name that is not among the known ones, with the nearest of them. */
export function unknownName(kind: string, name: string, known: readonly string[]): RampartError {
  const typed = name.toLowerCase();
  // Of names at one distance the one that begins alike is meant: people get the first letter right, shorten words and swap letters.
  const away = (other: string): number => {
    const own = other.toLowerCase();
    const shortened = Math.min(own.length, typed.length) > 1 && (own.startsWith(typed) || typed.startsWith(own));
    const swapped = [...own].sort().join('') === [...typed].sort().join('');
    if (swapped) return 0.5;
    return shortened ? 1 : distance(typed, own) + (own[0] === typed[0] ? 0 : 0.5);
  };
  const nearest = known.toSorted((a, b) => away(a) - away(b))[0];
  const near = nearest !== undefined && away(nearest) <= Math.max(2.5, name.length / 3);
  return new RampartError({
    code: 'usage',
    message: `Unknown ${kind} "${name.length > 80 ? `${name.slice(0, 80)}...` : name}".${near ? ` Did you mean "${nearest}"?` : ''} Known: ${known.join(', ')}.`,
  });
}

function parseParameters(definition: ComponentDefinition, params: Parameters): Record<string, ParameterValue> {
  const known = Object.keys(definition.params.shape);
  for (const name of Object.keys(params)) {
    if (known.includes(name)) continue;
    if (known.length === 0) {
      throw new RampartError({
        code: 'usage',
        message: `${definition.kind} "${definition.name}" takes no parameters. Received: ${name}.`,
      });
    }
    throw unknownName(`parameter of ${definition.kind} "${definition.name}":`, name, known);
  }
  const parsed = definition.params.safeParse(params, { error: plainly });
  if (parsed.success) return parsed.data as Record<string, ParameterValue>;
  const issue = parsed.error.issues[0];
  const path = issue?.path.join('.') ?? '';
  const received = issue?.path.length ? params[String(issue.path[0])] : params;
  throw new RampartError({
    code: 'usage',
    message: `${definition.kind} "${definition.name}", parameter "${path}": ${(issue?.message ?? 'not valid').replace(/\.$/, '')}. Received: ${describeValue(received)}.`,
    cause: parsed.error,
  });
}

function describeValue(value: ParameterValue | Parameters | undefined): string {
  if (value === undefined) return 'nothing';
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}

function withoutDefaults(definition: ComponentDefinition, params: Parameters): Record<string, ParameterValue> {
  const shown = Object.entries(params).filter(([key, value]) => {
    const schema = definition.params.shape[key]!;
    if (metaOf(schema).shown) return true;
    const alone = z.safeParse(schema, undefined);
    return !(alone.success && JSON.stringify(alone.data) === JSON.stringify(value));
  });
  return Object.fromEntries(shown);
}

function metaOf(schema: z.core.$ZodType): ParameterMeta {
  return (z.globalRegistry.get(schema) as ParameterMeta | undefined) ?? {};
}
