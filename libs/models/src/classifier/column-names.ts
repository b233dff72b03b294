import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { Attribute, Model, Tensor } from '@rampart/onnx';

/** Attributes of classifiers and of what makes maps of their probabilities. */
const LABELS = ['classlabels_strings', 'classlabels_ints', 'classlabels_int64s'];

/**
 * What the makers of a model called its columns, in their order: the labels of scikit-learn's classifiers and the like, an
 * entry `names` of the file, as Ultralytics writes it, or transformers' `id2label` in `config.json` beside it. Labels that
 * only count, 0, 1, 2, give way to names. Undefined where nobody says.
 */
export function columnNames(path: string, model: Model): readonly string[] | undefined {
  const labels = labelsOfClassifier(model);
  if (labels?.some((label, column) => label !== String(column))) return labels;
  return fromEntry(model.metadata.get('names')) ?? fromConfig(join(dirname(path), 'config.json')) ?? labels;
}

function labelsOfClassifier({ graph }: Model): readonly string[] | undefined {
  // Ensembles have classifiers inside, which know the classes by numbers: the last one is the outermost.
  for (const { domain, op, inputs, attributes } of graph.nodes.toReversed()) {
    if (domain !== 'ai.onnx.ml') continue;
    const chosen = op === 'ArrayFeatureExtractor' ? labelsIn(graph.initializers.get(inputs[0]!)) : undefined;
    const found = chosen ?? LABELS.map((name) => labelsOf(attributes[name])).find((labels) => labels !== undefined);
    if (found) return found;
  }
  return undefined;
}

function labelsOf(attribute: Attribute | undefined): readonly string[] | undefined {
  if (attribute?.type !== 'ints' && attribute?.type !== 'strings') return undefined;
  return attribute.value.length === 0 ? undefined : attribute.value.map(String);
}

/** The labels that one is chosen from by its index, as exporters write for classifiers of other operators. */
function labelsIn(tensor: Tensor | undefined): readonly string[] | undefined {
  if (tensor?.type !== 'string' && tensor?.type !== 'int64' && tensor?.type !== 'int32') return undefined;
  return Array.from(tensor.data as ArrayLike<string | bigint | number>, String);
}

/** `{0: 'cat', 1: "dog"}`, as Python prints it. */
function fromEntry(text: string | undefined): readonly string[] | undefined {
  const pairs = text?.matchAll(/(\d+): (?:'([^']*)'|"([^"]*)")/g) ?? [];
  return inOrder(Array.from(pairs, ([, index, single, double]) => [Number(index), single ?? double!]));
}

function fromConfig(path: string): readonly string[] | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const { id2label } = JSON.parse(readFileSync(path, 'utf8')) as { id2label?: Readonly<Record<string, unknown>> };
    return inOrder(Object.entries(id2label ?? {}).map(([index, name]) => [Number(index), String(name)]));
  } catch {
    // Somebody else's file that has the same name.
    return undefined;
  }
}

/** Names by their numbers, which count from 0 on without a gap. */
function inOrder(pairs: readonly (readonly [index: number, name: string])[]): readonly string[] | undefined {
  const names = pairs.toSorted(([a], [b]) => a - b);
  return names.length > 0 && names.every(([index], place) => index === place)
    ? names.map(([, name]) => name)
    : undefined;
}
