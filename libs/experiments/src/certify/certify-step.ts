import type { CertifyStep } from '../step';
import type { CertifyParams } from '../experiment';

interface CertifiedModel {
  readonly label: string;
  /** The step that makes it, and the evaluations of it: without an attack and under examples, whoever made them. */
  readonly step: string;
  readonly clean: string | undefined;
  readonly examples: readonly string[];
  readonly seed: number;
}

/** What certifying a model needs and is determined by: the same in a plan as when it is asked for later. */
export function certifyStep(
  { label, step: model, clean, examples, seed }: CertifiedModel,
  { samples, selection, alpha, limit }: CertifyParams,
  { data, target }: { readonly data: unknown; readonly target: CertifyStep['target'] },
): Omit<CertifyStep, 'key'> & { readonly determinedBy: unknown } {
  const asked = { samples, selection, alpha, ...(limit !== undefined && { limit }) };
  const judged = [...new Set(examples)].sort();
  return {
    kind: 'certify',
    label,
    needs: [model, ...(clean === undefined ? [] : [clean]), ...judged],
    ...{ model, clean, examples: judged, seed, ...asked, target, versions: {} },
    determinedBy: { model, clean, examples: judged, seed, ...asked, data, target },
  };
}
