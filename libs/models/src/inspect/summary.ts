import { featureCount, formatShape } from '@rampart/core';

import type { PreparedModel } from '../classifier/prepare';
import { batchInfluence } from './batch-influence';
import type { BehaviourFact, ClassifierFact, Finding, Summary } from './inspection';
import { behindChoice, natureText } from './head-text';

interface Parts {
  readonly classifier?: ClassifierFact;
  readonly behaviour?: BehaviourFact;
  readonly findings: readonly Finding[];
  readonly prepared?: PreparedModel;
}

/** What a reader wants to know first: what the file is, whether its gradients are exact, and what to do next. */
export function summaryOf({ classifier, behaviour, findings, prepared }: Parts): Summary {
  const problem = findings.find(({ level }) => level === 'problem')?.text;
  if (!classifier || !prepared) {
    return {
      is: 'No classifier that can be attacked as it is.',
      gradients: 'None were looked for.',
      next: problem ?? '',
    };
  }
  // Where the file takes places in a table: the value that they choose.
  const { chosen } = prepared;
  return {
    is: classifierText(classifier),
    gradients: gradientsText(behaviour, chosen),
    next: problem === undefined ? nextText(classifier, chosen) : remedyText(problem, behaviour, prepared),
  };
}

function classifierText(fact: ClassifierFact): string {
  const { classes, image, layout, output } = fact;
  const samples =
    layout === 'features' ? `rows of ${featureCount(image)} features` : `samples of ${formatShape(image)}`;
  return `A classifier of ${classes} classes, of ${samples}; its output "${output}" is ${natureText(fact)}.`;
}

function gradientsText(behaviour: BehaviourFact | undefined, chosen: string | undefined): string {
  if (chosen !== undefined) return 'Gradients: none by its input, which chooses from a table.';
  const { gradient, gradients } = behaviour ?? {};
  switch (gradients) {
    case 'exact':
      return exactText(gradient?.error ?? undefined);
    case 'straight-through':
      return 'Gradients: not exact; attacks pass them straight through the steps of the model (BPDA).';
    case 'estimated':
      return 'Gradients: not exact; attacks estimate them from queries (SPSA), so figures are no white-box figures.';
    default:
      return 'Gradients: not known.';
  }
}

function exactText(error: number | undefined): string {
  if (error === undefined)
    return 'Gradients: exact by the rules of its operators; there were no finite differences to compare.';
  const apart = error.toExponential(1);
  return error <= GRADIENT_TOLERANCE
    ? `Gradients: exact, within ${apart} of finite differences.`
    : `Gradients: by the rules of its operators, and ${apart} apart from finite differences: doubtful.`;
}

function remedyText(problem: string, behaviour: BehaviourFact | undefined, prepared: PreparedModel): string {
  const unlessMeant = (remedy: string) => `Next: ${remedy}, unless this is the defense to be measured. ${problem}`;
  if (behaviour?.deterministic === false) return unlessMeant('export it in evaluation mode');
  if ((behaviour?.batchDifference ?? 0) > BATCH_TOLERANCE) {
    const { remedy } = batchInfluence(prepared);
    return unlessMeant(`${remedy.charAt(0).toLowerCase()}${remedy.slice(1)}`);
  }
  return `Next: mend the file first. ${problem}`;
}

function nextText({ classes, output, kind, columns, cuts }: ClassifierFact, chosen: string | undefined): string {
  const place = chosen === undefined ? undefined : behindChoice(chosen, cuts);
  if (place !== undefined) return `Next: look into what it chooses, with --attack-at "${place}".`;
  if (chosen !== undefined) return 'Next: export it from a value on that is chosen; none can be attacked by itself.';
  const hints = [
    ...(columns === 1 ? [`--positive-index 0 if a large "${output}" speaks for class 0`] : []),
    ...(kind === 'sigmoid' && columns > 1
      ? ['several of which may hold at once where the data have sets of labels; else the largest decides']
      : []),
  ];
  const more = hints.length > 0 ? ` (${hints.join('; ')})` : '';
  return `Next: rampart evaluate MODEL --dataset NAME --preprocess auto, on data of ${classes} classes${more}.`;
}

/** Up to this relative error a gradient counts as the one that finite differences measure. */
export const GRADIENT_TOLERANCE = 0.05;

/** Of the largest logit: what a different order of additions may change. */
export const BATCH_TOLERANCE = 1e-4;
