import type { HeadForm, OutputKind } from '../classifier/head';

const NATURES: Readonly<Record<OutputKind, string>> = {
  logits: 'logits',
  softmax: 'probabilities of classes',
  'log-softmax': 'logarithms of probabilities',
  sigmoid: 'probabilities that need not sum to 1',
  'hard-labels': 'hard labels, a 1 at the class decided for and zeros',
};

/** What an output is. */
export function natureText(kind: OutputKind): string {
  return NATURES[kind];
}

/** What an output is, and what of it is attacked. */
export function headText({ kind, unwrapped, output }: HeadForm & { readonly output: string }): string {
  return `The values of output "${output}" are ${NATURES[kind]}${attackedText({ kind, unwrapped })}.`;
}

function attackedText({ kind, unwrapped }: HeadForm): string {
  if (kind === 'logits') return '';
  switch (unwrapped) {
    case 'exact':
      return ': the logits before them are attacked, which decide alike';
    case 'logarithms':
      return ': their logarithms are attacked';
    case 'none':
      return kind === 'hard-labels' ? ', which have no gradient' : ', and are attacked as they are';
  }
}
