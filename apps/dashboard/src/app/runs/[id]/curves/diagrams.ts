/** How a diagram is drawn. */
export interface DiagramLook {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly yFormat: 'percent' | 'number';
  readonly step: boolean;
  /** Always shown from 0 to 100%, on no other scale. */
  readonly wholeY?: boolean;
  /** Whether x counts something: between two whole numbers there is nothing. */
  readonly wholeX?: boolean;
}

/** The diagram of what stays right up to each epsilon, for runs without threats. */
export const EPSILON = 'epsilon';

const LOOKS: Readonly<Record<string, DiagramLook>> = {
  'attack-loss': {
    title: 'Attack loss by iteration',
    xLabel: 'evaluations of the model, for each instance',
    yLabel: 'mean signed margin',
    yFormat: 'number',
    step: false,
  },
  [EPSILON]: {
    title: 'Robust accuracy against epsilon',
    xLabel: 'epsilon, the largest change of any feature',
    yLabel: 'robust accuracy',
    yFormat: 'percent',
    step: true,
    wholeY: true,
  },
  distortion: {
    title: 'Evasion against distortion budget',
    xLabel: 'distortion budget: Euclidean distance / features',
    yLabel: 'share of attacked instances that evade',
    yFormat: 'percent',
    step: true,
  },
  rounds: {
    title: 'The repeated game',
    xLabel: 'round',
    yLabel: 'error rate',
    yFormat: 'percent',
    step: false,
    wholeY: true,
  },
  iterations: {
    title: 'Evasion against iterations',
    xLabel: 'iterations',
    yLabel: 'share of attacked instances that evade',
    yFormat: 'percent',
    step: true,
  },
};

export function diagramLook(diagram: string): DiagramLook {
  const known = LOOKS[diagram];
  if (known) return known;
  const made = /^training: (.+)$/.exec(diagram)?.[1];
  if (made) {
    const title = made.charAt(0).toUpperCase() + made.slice(1);
    const front = made.startsWith('front: ');
    return {
      title,
      xLabel: front ? 'clean error' : /loss|accuracy/.test(made) ? 'epoch' : 'round',
      yLabel: made,
      yFormat: 'number',
      step: false,
      wholeX: !front,
    };
  }
  const norm = /^robustness-(.+)$/.exec(diagram)?.[1];
  if (norm) {
    return {
      title: `Robust accuracy, ${norm}`,
      xLabel: 'epsilon',
      yLabel: 'robust accuracy',
      yFormat: 'percent',
      step: true,
      wholeY: true,
    };
  }
  const parameter = /^recall-(.+)$/.exec(diagram)?.[1];
  if (parameter) {
    return {
      title: `Recall against ${parameter}`,
      xLabel: parameter,
      yLabel: 'recall',
      yFormat: 'percent',
      step: false,
    };
  }
  return { title: diagram, xLabel: 'x', yLabel: '', yFormat: 'number', step: false };
}

export function diagramTitle(diagram: string): string {
  return diagramLook(diagram).title;
}

/** The diagram of what withstands each epsilon of a norm. */
export function robustnessDiagram(norm: string): string {
  return `robustness-${norm}`;
}

/** The diagram of how attacks converge; what the run has recorded is one for each attack. */
export const ATTACK_LOSS = 'attack-loss';

/** What the loss of an attack is, for whoever reads the diagram. */
export const ATTACK_LOSS_TEXT =
  'The signed margin, below 0 where an instance evades: the mean over all attacked instances, each counted with the lowest found so far and, once its search has ended, with that of its example.';

/** Diagrams that are made from the instances of an attack. */
export const BUDGETS = ['distortion', 'iterations'] as const;

export type Budget = (typeof BUDGETS)[number];
