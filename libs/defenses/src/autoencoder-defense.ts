import { type ComponentSpec, type DefendedModel, type DefenseProblem, featureCount } from '@rampart/core';
import { createModel, stack } from '@rampart/models';
import { adam, type Objective, train } from '@rampart/training';

import { reconstructionData, reconstructionViews } from './reconstruction';

/** How an autoencoder defense is trained. */
export interface AutoencoderTraining {
  readonly attack: ComponentSpec;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
}

/** What the two autoencoder defenses differ in. */
export interface AutoencoderVariant {
  readonly objective: Objective;
  /** Whether the classifier is part of what is trained, or stacked behind the finished autoencoder. */
  readonly trains: 'autoencoder' | 'stack';
}

/** The output of a stacked model that is the cleaned image. */
export const RECONSTRUCTION = 'reconstruction';

/** Trains an autoencoder on adversarial and original images and puts it in front of the undefended model. */
export async function hardenWithAutoencoder(
  params: AutoencoderTraining,
  variant: AutoencoderVariant,
  problem: DefenseProblem,
): Promise<DefendedModel> {
  const { classes, engine, rng, signal, onProgress, model, crew, device, checkpoint } = problem;
  const { images } = problem.train;
  const data = await reconstructionData(problem.attacks.resolve(params.attack), problem, (done, total) =>
    onProgress?.({ done: done / total / 4, total: 1, unit: 'stages', detail: `attacking ${done}/${total} instances` }),
  );
  const autoencoder = await createModel(
    { name: 'autoencoder', params: {} },
    { shape: images.shape, classes: featureCount(images.shape), box: images.box, rng: rng.split('weights') },
  );
  const { model: trained, losses } = await train({
    engine,
    model: variant.trains === 'stack' ? await stack(autoencoder, model) : autoencoder,
    objective: variant.objective,
    optimiser: adam(params.learningRate),
    data: reconstructionViews(data, classes),
    epochs: params.epochs,
    batchSize: params.batchSize,
    rng: rng.split('train'),
    ...{ signal, crew, device, checkpoint },
    onProgress: ({ done, total, detail }) =>
      onProgress?.({
        done: 0.25 + (0.75 * done) / total,
        total: 1,
        unit: 'stages',
        detail: `training, ${detail ?? ''}`,
      }),
  });
  return {
    model: variant.trains === 'stack' ? trained : await stack(trained, model),
    curves: losses.map((y, epoch) => ({ series: 'training loss', x: epoch + 1, y })),
    facts: { 'evading training instances': data.evading },
  };
}
