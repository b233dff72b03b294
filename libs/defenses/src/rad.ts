import { componentParameter, type CurvePoint, defineDefense, type LabelledImages, takeLabelled } from '@rampart/core';
import { trainClassifier } from '@rampart/training';
import { z } from 'zod';

import { attackedPlaces, attackModel } from './adversarial-examples';
import { retraining } from './retraining';

/**
 * Retraining with adversarial data (RAD; the publication's section 3; Li and Vorobeychik 2018, algorithm 1): attacks
 * the model on the malicious training instances, adds what the attack made to the training data, trains on, and
 * starts again until no instance evades or the round limit is reached.
 */
export const rad = defineDefense({
  name: 'rad',
  summary: 'Retrains the model with adversarial versions of its malicious training instances, round after round.',
  source: 'Chen, Li, Vorobeychik, section 3; Li, Vorobeychik 2018, algorithm 1',
  version: 4,
  feasible: true,
  params: z.object({
    attack: componentParameter('attack'),
    rounds: z.int().positive().default(3).describe('Rounds of attack and retraining at most.'),
    keep: z
      .enum(['all', 'evading'])
      .default('all')
      .describe('Which examples of a round join the training data: all, or those that evade.'),
    tolerance: z
      .number()
      .min(0)
      .lt(1)
      .default(0)
      .describe('Fraction of evading instances at which retraining stops: 0 stops when none evades.'),
    epochs: retraining.epochs.default(15).describe('Passes over the training data in a round.'),
    batchSize: retraining.batchSize,
    learningRate: retraining.learningRate.default(0.002),
    weightDecay: retraining.weightDecay,
  }),
  async harden(
    params,
    {
      model: undefended,
      train,
      classes,
      malicious,
      feasible,
      attacks,
      engine,
      rng,
      signal,
      onProgress,
      crew,
      device,
      checkpoint,
    },
  ) {
    const attack = attacks.resolve(params.attack);
    const places = attackedPlaces(train, malicious);
    const labels = Int32Array.from(places, (place) => train.labels[place]!);
    const curves: CurvePoint[] = [];
    const parts: LabelledImages[] = [train];
    let model = undefended;
    let round = 0;
    let evading = 0;
    const tell = (stage: number, done: number, total: number, detail: string) =>
      onProgress?.({
        done: (round + (stage + done / total) / 2) / params.rounds,
        total: 1,
        unit: 'rounds',
        detail: `round ${round + 1} of at most ${params.rounds}: ${detail}`,
      });

    for (; round < params.rounds; round++) {
      const roundRng = rng.split(`round-${round}`);
      const evasion = await attackModel(model, attack, train, roundRng.split('attack'), {
        ...{ places, attacks, feasible, signal, crew, device, checkpoint },
        onProgress: ({ done, total }) => tell(0, done, total, `attacking ${done}/${total} instances`),
      });
      evading = evasion.evaded.reduce((sum, value) => sum + value, 0);
      curves.push({ series: 'evading training instances', x: round, y: evading / places.length });
      if (evading <= params.tolerance * places.length) break;

      const examples: LabelledImages = { images: evasion.adversarial, labels };
      parts.push(params.keep === 'all' ? examples : takeLabelled(examples, placesOf(evasion.evaded)));
      const trained = await trainClassifier({
        ...params,
        engine,
        model,
        classes,
        data: parts,
        rng: roundRng.split('train'),
        ...{ signal, crew, device, checkpoint },
        onProgress: ({ done, total, detail }) => tell(1, done, total, `training, ${detail ?? ''}`),
      });
      model = trained.model;
      trained.losses.forEach((loss, epoch) =>
        curves.push({ series: 'training loss', x: round * params.epochs + epoch + 1, y: loss }),
      );
    }
    return {
      model,
      curves,
      facts: { rounds: round, 'evading training instances at the last attack': evading },
    };
  },
});

/** Where the marks are that are 1. */
function placesOf(marks: Uint8Array): number[] {
  return [...marks.keys()].filter((index) => marks[index] === 1);
}
