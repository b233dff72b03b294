import { type Outcome, Rng } from '@rampart/core';

/** A few outcomes of different sizes, each with right and wrong predictions among attacked instances and others. */
export function outcomes(): Outcome[] {
  return [40, 101].map((size) => {
    const rng = Rng.root(`outcome of ${size}`);
    const labels = Int32Array.from({ length: size }, (_, i) => i % 2);
    const attacked = Int32Array.from(labels.keys()).filter((i) => labels[i] === 0);
    const predictions = labels.map((label, i) => (i % 7 < 2 ? 1 - label : label));
    const draw = (below: number) => Int32Array.from(attacked, () => 1 + rng.integer(below));
    return {
      classes: 2,
      labels,
      predictions,
      rejects: true,
      // One label, which is wrong wherever class 1 is predicted.
      wrongLabels: predictions,
      attacked,
      distortions: Float64Array.from(attacked, () => 0.01 + 0.01 * rng.uniform()),
      forwardEvaluations: draw(20),
      gradientEvaluations: draw(10),
      iterations: draw(10),
    };
  });
}

/** Everything right or everything wrong, at one and the same cost. */
export function uniform(right: boolean): Outcome {
  const [outcome] = outcomes() as [Outcome];
  const { labels, attacked } = outcome;
  const predictions = right ? labels : labels.map((label) => 1 - label);
  return {
    ...outcome,
    predictions,
    wrongLabels: predictions,
    distortions: new Float64Array(attacked.length).fill(0.1),
    forwardEvaluations: new Int32Array(attacked.length).fill(3),
    gradientEvaluations: new Int32Array(attacked.length).fill(3),
    iterations: new Int32Array(attacked.length).fill(3),
  };
}

/** A test set without instances. */
export function empty(): Outcome {
  const none = new Int32Array(0);
  return {
    classes: 2,
    labels: none,
    predictions: none,
    rejects: true,
    wrongLabels: none,
    attacked: none,
    distortions: new Float64Array(0),
    forwardEvaluations: none,
    gradientEvaluations: none,
    iterations: none,
  };
}

/** The same test set with its instances in reverse. */
export function reversed(outcome: Outcome): Outcome {
  return {
    ...outcome,
    labels: outcome.labels.toReversed(),
    predictions: outcome.predictions.toReversed(),
    ...(outcome.wrongLabels && { wrongLabels: outcome.wrongLabels.toReversed() }),
    attacked: outcome.attacked.map((index) => outcome.labels.length - 1 - index).toReversed(),
    distortions: outcome.distortions.toReversed(),
    forwardEvaluations: outcome.forwardEvaluations.toReversed(),
    gradientEvaluations: outcome.gradientEvaluations.toReversed(),
    iterations: outcome.iterations.toReversed(),
  };
}

/** The same instances several times over. */
export function repeated(outcome: Outcome, times: number): Outcome {
  const again = (values: Int32Array, shift = 0): Int32Array =>
    Int32Array.from({ length: values.length * times }, (_, i) => {
      const turn = Math.floor(i / values.length);
      return values[i % values.length]! + turn * shift;
    });
  return {
    classes: outcome.classes,
    labels: again(outcome.labels),
    predictions: again(outcome.predictions),
    ...(outcome.rejects !== undefined && { rejects: outcome.rejects }),
    ...(outcome.wrongLabels && { wrongLabels: again(outcome.wrongLabels) }),
    attacked: again(outcome.attacked, outcome.labels.length),
    distortions: Float64Array.from(
      { length: outcome.distortions.length * times },
      (_, i) => outcome.distortions[i % outcome.distortions.length]!,
    ),
    forwardEvaluations: again(outcome.forwardEvaluations),
    gradientEvaluations: again(outcome.gradientEvaluations),
    iterations: again(outcome.iterations),
  };
}
