import type { HeadForm, OutputKind } from '../classifier/head';

const NATURES: Readonly<Record<OutputKind, string>> = {
  logits: 'logits',
  softmax: 'probabilities of classes',
  'log-softmax': 'logarithms of probabilities',
  sigmoid: 'probabilities that need not sum to 1, as of labels that may hold at once',
  'hard-labels': 'hard labels, a 1 at the class decided for and zeros',
};

/** An output, and how many numbers a sample it has. */
interface Output {
  readonly output: string;
  readonly columns: number;
}

/** What an output is. */
export function natureText({ kind, columns }: Pick<HeadForm, 'kind'> & Pick<Output, 'columns'>): string {
  if (columns > 1) return NATURES[kind];
  return kind === 'logits' ? 'the logit of one class of two' : 'the probability of one class of two';
}

/** Operators that inner layers end in, and classifiers seldom. */
const OF_FEATURES = new Set(['Tanh', 'Relu', 'Gelu', 'LayerNormalization']);

/** A doubt whether rows are scores of classes at all; undefined where there is none. */
export function featuresText(
  { kind, output, columns }: HeadForm & Output,
  last: string | undefined,
): string | undefined {
  if (kind !== 'logits' || columns === 1 || last === undefined || !OF_FEATURES.has(last)) return undefined;
  return `The last operator of "${output}" is ${last}, as of an inner layer or an embedding. If its ${columns} values are no scores of classes, export it with the layer that tells classes apart.`;
}

/** What an output is, and what of it is attacked. */
export function headText({ output, columns, ...form }: HeadForm & Output): string {
  const values = columns > 1 ? `The values of output "${output}" are` : `The value of output "${output}" is`;
  return `${values} ${natureText({ ...form, columns })}${attackedText(form)}.`;
}

/** Where to attack a file that takes places in a table: what they choose, or a value behind it where that is no cut. */
export function behindChoice(chosen: string, cuts: readonly string[]): string | undefined {
  return cuts.includes(chosen) ? chosen : cuts[0];
}

/** What is said of an input that takes places in a table. */
export function choiceText(taken: string, chosen: string, cuts: readonly string[]): string {
  const place = behindChoice(chosen, cuts);
  const way =
    place === undefined
      ? `What they choose, "${chosen}", cannot be attacked by itself, nor can any value behind it.`
      : `Attack ${place === chosen ? 'what they choose' : 'a value behind what they choose'}: --attack-at "${place}", or one of the values below.`;
  return `It takes places in a table (${taken}), such as tokens: they have no gradient. ${way}`;
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
