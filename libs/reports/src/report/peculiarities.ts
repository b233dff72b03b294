import type { ModelRecord } from '@rampart/results';

/** What a reader of a model's figures must know of the model. */
export interface Peculiarity {
  /** How attacks made its gradients, where they are not those of its operators. */
  readonly gradient: 'estimated' | 'straight-through' | undefined;
  /** Sentences, such as that it draws random numbers. */
  readonly caveats: string;
}

/** By the models' labels; models that there is nothing to say about are left out. */
export type Peculiarities = ReadonlyMap<string, Peculiarity>;

/** What was found out about files when they were taken, and holds for what was made of them as well. */
export function peculiaritiesOf(models: readonly ModelRecord[]): Peculiarities {
  const bySteps = new Map(models.map((model) => [model.step, model]));
  const factsOf = ({ facts, parents }: ModelRecord, depth = 0): ModelRecord['facts'] => {
    const parent = parents.map((step) => bySteps.get(step)).find((model) => model !== undefined);
    return facts['gradient'] !== undefined || !parent || depth > models.length ? facts : factsOf(parent, depth + 1);
  };
  const found = new Map<string, Peculiarity>();
  for (const model of models) {
    const facts = factsOf(model);
    const gradient = kindOf(String(facts['gradient'] ?? 'exact'));
    const caveats = String(facts['caveats'] ?? '');
    if (gradient !== undefined || caveats !== '') found.set(model.label, { gradient, caveats });
  }
  return found;
}

function kindOf(text: string): Peculiarity['gradient'] {
  if (text.startsWith('estimated')) return 'estimated';
  return text.startsWith('straight through') ? 'straight-through' : undefined;
}

const TEXTS = {
  estimated: 'gradients estimated from queries',
  'straight-through': 'gradients straight through rounding',
} as const;

/** What attacks on these models had to go by: `white-box`, unless their gradients are others than the operators'. */
export function knowledgeText(models: readonly string[], peculiarities: Peculiarities): string {
  const kinds = models.map((model) => peculiarities.get(model)?.gradient);
  const [first] = kinds;
  if (kinds.every((kind) => kind === first)) return first === undefined ? 'white-box' : TEXTS[first];
  const others = models.flatMap((model, i) => (kinds[i] === undefined ? [] : [`${model}: ${TEXTS[kinds[i]]}`]));
  return kinds.includes(undefined) ? `white-box but for ${others.join(', ')}` : others.join(', ');
}

/** The caveats of these models, each with its name where there are several models. */
export function caveatsOf(models: readonly string[], peculiarities: Peculiarities): string[] {
  return models.flatMap((model) => {
    const caveats = peculiarities.get(model)?.caveats;
    return caveats ? [`${model}: ${caveats}`] : [];
  });
}
