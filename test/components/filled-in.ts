import type { KindName } from '../../tools/workspace/src/kinds';

/** One function written in the place of another that a generator left to its author. */
export interface FilledIn {
  readonly name: string;
  /** The generated source with its function written. */
  fill(source: string): string;
}

/** Replaces each pattern, which has to be there. */
function replace(source: string, ...changes: readonly (readonly [RegExp, string])[]): string {
  return changes.reduce((text, [pattern, by]) => {
    if (!pattern.test(text)) throw new Error(`Expected ${pattern} in what the generator writes:\n${text}`);
    return text.replace(pattern, () => by);
  }, source);
}

/** The search of a generated attack, in the workspace or in a plugin: steps against the sign of the gradient. */
export function fillAttack(source: string): string {
  return replace(
    source,
    [/, RampartError \}/, ' }'],
    [
      /\(\{ features \}\) => \{\s+throw[\s\S]*?\}\);\s+\},/,
      `async (instance) => {
      const point = instance.original.slice();
      for (let step = 0; step < steps; step++) {
        const { gradient } = await instance.gradient(point, 'margin');
        for (let k = 0; k < point.length; k++) point[k]! -= (instance.epsilon / steps) * Math.sign(gradient[k]!);
        instance.project(point);
      }
      await instance.margin(point);
    },`,
    ],
  );
}

/** By kind; attacks are written in CONTRIBUTING, and so is the rule. */
export function filledIn(rule: string): Readonly<Partial<Record<KindName, FilledIn>>> {
  return {
    defense: {
      name: 'train-on',
      fill: (source) =>
        replace(
          source,
          [
            /defineDefense, RampartError \} from '@rampart\/core';/,
            "defineDefense } from '@rampart/core';\nimport { trainClassifier } from '@rampart/training';",
          ],
          [
            /harden: \(params[\s\S]*\),\n\}\);/,
            `async harden(params, { model, train, classes, engine, rng, signal, onProgress }) {
    const trained = await trainClassifier({
      ...params,
      ...{ model, data: train, classes, engine, rng, signal, onProgress },
    });
    return { model: trained.model, curves: [], facts: { epochs: params.epochs } };
  },
});`,
          ],
        ),
    },
    dataset: {
      name: 'bars',
      fill: (source) =>
        replace(
          source,
          [/defineDataset, RampartError \}/, 'defineDataset, featureCount, Rng, throwIfCancelled }'],
          [/type RawDataset \}/, 'type RawDataset, type RawSplit }'],
          [
            /function read\([\s\S]*$/,
            `async function read(_dataDir: string | undefined, signal: AbortSignal | undefined): Promise<RawDataset> {
  throwIfCancelled(signal);
  return { shape: SHAPE, names: NAMES, train: stripes('training', 40), test: stripes('test', 20) };
}

const SHAPE = { channels: 1, height: 4, width: 4 };

/** A bright column for the one class, a bright row for the other. */
function stripes(split: string, count: number): RawSplit {
  const rng = Rng.root(\`stripes for \${split}\`);
  const labels = Int32Array.from({ length: count }, (_, i) => i % 2);
  const pixels = Float32Array.from({ length: count * featureCount(SHAPE) }, (_, k) => {
    const along = labels[Math.floor(k / featureCount(SHAPE))] === 0 ? k % SHAPE.width : Math.floor(k / SHAPE.width) % SHAPE.height;
    return (along === 1 ? 0.3 : -0.3) + 0.2 * (rng.uniform() - 0.5);
  });
  return {
    labels,
    copyImage(image, target, offset) {
      const size = featureCount(SHAPE);
      target.set(pixels.subarray(image * size, (image + 1) * size), offset);
    },
  };
}
`,
          ],
        ),
    },
    metric: {
      name: 'quickly-done',
      fill: (source) =>
        replace(
          source,
          [/, RampartError \}/, ', wilson }'],
          [
            /throw new[\s\S]*?\}\);\n {2}\},/,
            'return wilson(outcome.iterations.filter((steps) => steps < 3).length, outcome.attacked.length);\n  },',
          ],
        ),
    },
    audit: {
      name: 'one-attack',
      fill: (source) =>
        replace(
          source,
          [/, RampartError \}/, ' }'],
          [
            /throw new[\s\S]*?\}\);\n {2}\},/,
            `const count = subject.attacks.length;
    if (count > 1) return [];
    const summary = \`The figure rests on \${count} of many attacks.\`;
    return [{ severity: 'medium', summary, evidence: { attacks: count } }];
  },`,
          ],
        ),
    },
    architecture: {
      name: 'one-layer',
      fill: (source) =>
        replace(
          source,
          [/import type \* as tf/, 'import * as tf'],
          [/import \{ RampartError \} from '@rampart\/core';\n\n/, ''],
          [/, defineArchitecture \}/, ', defineArchitecture, seedOf }'],
          [
            /function layers[\s\S]*$/,
            `function layers({ shape, classes, rng }: BuildContext): tf.LayersModel {
  const input = tf.input({ shape: [shape.height, shape.width, shape.channels] });
  const kernelInitializer = tf.initializers.glorotUniform({ seed: seedOf(rng, 'logits') });
  const flat = tf.layers.flatten({ name: 'flat' }).apply(input);
  const logits = tf.layers.dense({ name: 'logits', units: classes, kernelInitializer }).apply(flat);
  return tf.model({ inputs: input, outputs: logits as tf.SymbolicTensor });
}
`,
          ],
        ),
    },
    'gradient-rule': {
      name: 'softsign',
      fill: (source) => replace(source, [/const softsign: GradientRule[\s\S]*?\n\};\n/, rule]),
    },
  };
}
