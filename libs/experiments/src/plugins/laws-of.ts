import { attacks } from '@rampart/attacks';
import {
  type AttackDefinition,
  type AuditDefinition,
  type ComponentDefinition,
  type DatasetDefinition,
  type DefenseDefinition,
  formatComponent,
  imageBatch,
  type LabelledImages,
  type MetricDefinition,
  type Parameters,
  PUBLICATION_BOX,
  Rng,
} from '@rampart/core';
import { createModel, openClassifier } from '@rampart/models';
import {
  attackLaws,
  auditLaws,
  datasetLaws,
  defenseLaws,
  type LawCheck,
  metricLaws,
  modelLaws,
} from '@rampart/testing';
import { trainClassifier } from '@rampart/training';

import { components } from '../components';

const ENGINE = 'onnx';
const SHAPE = { channels: 1, height: 16, width: 16 };

/** The conformance kit of a component's kind, with these parameters and the defaults of the others. */
export async function lawsOf(
  definition: ComponentDefinition,
  params: Parameters,
  dataDir: string | undefined,
): Promise<LawCheck[]> {
  switch (definition.kind) {
    case 'attack':
      return attackLaws(definition as unknown as AttackDefinition, {
        params: { ...requiredParameters(definition, params), ...params },
        related: components,
      });
    case 'dataset': {
      const options = dataDir === undefined ? { params } : { params, dataDir };
      return datasetLaws(definition as unknown as DatasetDefinition, options);
    }
    case 'metric':
      return metricLaws(definition as unknown as MetricDefinition, { params });
    case 'audit':
      return auditLaws(definition as unknown as AuditDefinition, { params, attacks });
    case 'defense': {
      const train = images();
      return defenseLaws(definition as unknown as DefenseDefinition, {
        params: { ...requiredParameters(definition, params), ...params },
        model: await trainedModel(train),
        train,
        classes: 2,
        malicious: 0,
        attacks,
        engine: ENGINE,
        open: (model) => openClassifier(model, { box: PUBLICATION_BOX }),
      });
    }
    default: {
      const name = formatComponent({ name: definition.name, params });
      // In a network that is not trained yet the kinks of Relu lie close together: finite differences cross some.
      return modelLaws(async () => openClassifier(await createModel(name, modelOptions(name))), { tolerance: 0.25 });
    }
  }
}

/** Epsilons that leave an attack something to do on the reference models, by the first norm that it knows. */
const EPSILONS: Readonly<Record<string, number>> = { linf: 0.1, l2: 0.5, l1: 1.5, l0: 5 };

/**
 * Values for the parameters that components commonly require: the attack that a defense trains against, the epsilon of
 * an attack.
 */
function requiredParameters(definition: ComponentDefinition, given: Parameters): Parameters {
  const { shape } = definition.params;
  const required = (name: string) => shape[name] !== undefined && !shape[name].safeParse(undefined).success;
  const [first = 'linf'] = (definition as Partial<AttackDefinition>).norms ?? [];
  const norm = String(given['norm'] ?? first);
  return {
    ...(required('attack') && { attack: 'fgs(epsilon=0.3)' }),
    ...(definition.kind === 'attack' && required('epsilon') && { epsilon: EPSILONS[norm] ?? 0.1 }),
  };
}

function modelOptions(name: string) {
  return { shape: SHAPE, classes: 2, box: PUBLICATION_BOX, rng: Rng.root(name) };
}

/** Noise that is brighter on the left or on the right. */
function images(): LabelledImages {
  const rng = Rng.root('images for defenses');
  const size = SHAPE.height * SHAPE.width;
  const labels = Int32Array.from({ length: 96 }, (_, i) => i % 2);
  const data = Float32Array.from({ length: labels.length * size }, (_, k) => {
    const left = k % SHAPE.width < SHAPE.width / 2;
    const bright = left === (labels[Math.floor(k / size)] === 0);
    return (bright ? 0.15 : -0.15) + 0.3 * (rng.uniform() - 0.5);
  });
  return { images: imageBatch(data, SHAPE, PUBLICATION_BOX), labels };
}

async function trainedModel(data: LabelledImages): Promise<Uint8Array> {
  const rng = Rng.root('model for defenses');
  const { model } = await trainClassifier({
    engine: ENGINE,
    model: await createModel('lenet5(conv1=4, conv2=6, dense1=16, dense2=12)', { ...modelOptions('lenet5'), rng }),
    data,
    classes: 2,
    epochs: 10,
    batchSize: 16,
    learningRate: 0.005,
    weightDecay: 0,
    rng,
  });
  return model;
}
