import {
  type ComponentSpec,
  formatComponent,
  formatThreat,
  parseComponent,
  parseComponents,
  parseThreats,
  visible,
} from '@rampart/core';
import { stringify } from 'yaml';

import { auditList, type FeasibleFiles } from './experiment';

/** What somebody wants to know about a model file. */
export interface EvaluationRequest {
  /** Name of the run. */
  readonly name: string;
  /** The ONNX file, an absolute path. */
  readonly path: string;
  /** What tables call it. */
  readonly label?: string | undefined;
  readonly preprocess?: string | undefined;
  /** The output with the scores of classes. */
  readonly output?: string | undefined;
  readonly positiveIndex?: number | undefined;
  /** What inputs that are not attacked are held at: `sr=16000`, `mask=/data/mask.npy`. */
  readonly feed?: readonly string[] | undefined;
  /** The inner value that is attacked in place of the input. */
  readonly attackAt?: string | undefined;
  /** A dataset with parameters: `mnist`, `cifar10(testLimit=500)`. */
  readonly dataset: string;
  /** Classes by name or number, the malicious one first: `4,7`, or `all`. Default: the dataset's own. */
  readonly classes?: string | undefined;
  /** `fgs(epsilon=0.1),cg`. Default, with threats: what answers each of them best. */
  readonly attacks?: string | undefined;
  /** What the model is to withstand: `linf(8/255),l2(0.5)`. */
  readonly threats?: string | undefined;
  /** What instances may become; paths from the current folder on. */
  readonly feasible?: FeasibleFiles | undefined;
  readonly defenses?: string | undefined;
  /** The class that attacked instances are to be taken for. */
  readonly target?: string | undefined;
  /** `randomised,rounding`; `none` for none. Default: all. */
  readonly audits?: string | undefined;
  readonly remedyBudget?: number | undefined;
  /** Where attacks and defenses compute: `cpu`, `webgpu` or `cuda`. */
  readonly device?: string | undefined;
  readonly seeds: readonly number[];
}

/**
 * The experiment file that evaluates a model file, and what a defense makes of it: the same text gives the same run.
 * Without a defense only examples against the model itself are made, as there is nothing to replay them on.
 * @throws RampartError `usage` for malformed components
 */
export function evaluationText(request: EvaluationRequest): string {
  const { path, label, preprocess, output, positiveIndex, feed = [], attackAt, defenses } = request;
  const model = {
    path,
    ...(label && { name: label }),
    ...(preprocess && { preprocess }),
    ...(output && { output }),
    ...(positiveIndex !== undefined && { positiveIndex }),
    ...(feed.length > 0 && { feed: [...feed] }),
    ...(attackAt && { attackAt }),
  };
  const listed = (text: string) => parseComponents(text).map(formatComponent);
  return stringify(
    {
      name: visible(request.name.replace(/\s+/g, ' ')).trim().slice(0, 200) || 'evaluate a model',
      dataset: formatComponent(withClasses(parseComponent(request.dataset), request.classes)),
      models: [formatComponent({ name: 'onnx', params: model })],
      ...(request.threats !== undefined && { threats: parseThreats(request.threats).map(formatThreat) }),
      ...(request.feasible && { feasible: request.feasible }),
      ...(request.attacks !== undefined && { attacks: listed(request.attacks) }),
      ...(defenses && { defenses: listed(defenses) }),
      examples: defenses ? ['static', 'adaptive'] : ['adaptive'],
      ...(request.target !== undefined && { target: request.target }),
      ...(request.audits !== undefined && { audits: auditList(request.audits) }),
      ...(request.remedyBudget !== undefined && { remedyBudget: request.remedyBudget }),
      ...(request.device !== undefined && request.device !== 'cpu' && { device: request.device }),
      seeds: request.seeds,
    },
    { lineWidth: 0 },
  );
}

function withClasses(dataset: ComponentSpec, classes: string | undefined): ComponentSpec {
  if (classes === undefined) return dataset;
  const named = classes
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
    .map((item) => (/^\d+$/.test(item) ? Number(item) : item));
  const chosen = named.length === 1 && named[0] === 'all' ? 'all' : named;
  return { ...dataset, params: { ...dataset.params, classes: chosen } };
}
