import { type Document, isMap, parseDocument } from 'yaml';

/** An experiment of a minute or two to begin with. */
export const STARTING_TEXT = `name: my experiment
dataset: mnist(classes=[4, 7])
models: [lenet5]
threats: ["linf(0.1)"]
attacks: ["pgd(steps=40)", fab]
defenses: ["rad(attack=fgs(epsilon=0.1))"]
seeds: [1]
`;

/** Fields that a form shows, as far as the text has them. */
export interface ExperimentFields {
  readonly name: string;
  readonly dataset: string;
  readonly models: readonly string[];
  readonly threats: readonly string[];
  readonly attacks: readonly string[];
  readonly defenses: readonly string[];
  readonly seeds: readonly string[];
}

export type ListField = Exclude<keyof ExperimentFields, 'name' | 'dataset'>;

/** Undefined where the text is no YAML of fields: then there is nothing for a form to show. */
export function readFields(text: string): ExperimentFields | undefined {
  const document = documentOf(text);
  if (!document) return undefined;
  const value = document.toJS() as Partial<Record<keyof ExperimentFields, unknown>>;
  const list = (field: ListField) => (Array.isArray(value[field]) ? value[field].map(String) : []);
  return {
    name: String(value.name ?? ''),
    dataset: String(value.dataset ?? ''),
    models: list('models'),
    threats: list('threats'),
    attacks: list('attacks'),
    defenses: list('defenses'),
    seeds: list('seeds'),
  };
}

/** The text with one field changed; comments and all other fields stay. An empty list takes the field away. */
export function withField(
  text: string,
  field: keyof ExperimentFields,
  value: string | readonly (string | number)[],
): string {
  const document = documentOf(text);
  if (!document) return text;
  if (typeof value === 'string') document.set(field, value);
  else if (value.length === 0) document.delete(field);
  else document.set(field, document.createNode(value, { flow: true }));
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function documentOf(text: string): Document | undefined {
  const document = parseDocument(text);
  return document.errors.length === 0 && isMap(document.contents) ? (document as Document) : undefined;
}
