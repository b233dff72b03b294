import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { checksum, encodeNpy, Rng } from '@rampart/core';
import { readModel } from '@rampart/onnx';
import * as ort from 'onnxruntime-node';

import { rampart, temporaryFolder } from '../integration/rampart';
import { LENET5, MODELS, runJson, valuesOf } from './command';

const DATASET = ['--dataset', 'mnist(classes=[4, 7], trainLimit=1200, testLimit=120)'];

describe('rampart harden', () => {
  const folder = temporaryFolder();
  const store = ['--store', path.join(folder, 'store')];
  const harden = async (file: string, defense: string, ...more: string[]) => {
    const out = path.join(folder, `${defense.replace(/\W+/g, '-')}.onnx`);
    const run = await runJson(['harden', file, '--defense', defense, '--out', out, ...store, ...DATASET, ...more]);
    return { run, out };
  };

  it('by RAD gives the static figures of the publication, and a file with the interface of the original', async () => {
    const attacks = 'fgs(epsilon=0.1),fgs(epsilon=0.5),cg,adam';
    const { run, out } = await harden(LENET5, 'rad(attack=adam)', '--attacks', attacks);
    const before = valuesOf(run, 'error-rate', 'lenet5-torchscript-opset13.onnx', 'static');
    const after = valuesOf(run, 'error-rate', 'rad(attack=adam)', 'static');
    expect(before['adam']).toBeGreaterThan(0.4);
    for (const attack of ['fgs(epsilon=0.1)', 'fgs(epsilon=0.5)', 'cg', 'adam']) {
      expect(after[attack]).toBeLessThanOrEqual(0.015);
    }
    expect(valuesOf(run, 'error-rate', 'rad(attack=adam)', 'clean')['none']).toBeLessThanOrEqual(0.015);

    const [original, hardened] = [readModel(readFileSync(LENET5)), readModel(readFileSync(out))];
    expect(hardened.graph.inputs).toEqual(original.graph.inputs);
    expect(hardened.graph.outputs).toEqual(original.graph.outputs);
    expect([...hardened.graph.initializers.keys()]).toEqual([...original.graph.initializers.keys()]);
    expect(hardened.graph.nodes).toEqual(original.graph.nodes);
    const lineage = hardened.metadata.get('rampart.lineage')!;
    expect(JSON.parse(lineage)).toEqual([
      expect.objectContaining({ defense: 'rad(attack=adam)', seed: 1, dataset: expect.stringContaining('mnist') }),
    ]);
    expect((JSON.parse(lineage) as { from: string }[])[0]!.from).toHaveLength(checksum(Buffer.of(0)).length);

    // The run has it as well: whoever ran an experiment file, or pressed a button, exports the same bytes.
    const exported = path.join(folder, 'exported');
    const { code, stderr } = await rampart([
      ...['export', run.run.id, '--what', 'hardened', '--output', exported, ...store],
    ]);
    expect(code === 0 ? '' : stderr).toBe('');
    expect(readdirSync(exported).sort()).toEqual(['hardened.json', 'rad(attack=adam).onnx']);
    expect(readFileSync(path.join(exported, 'rad(attack=adam).onnx')).equals(readFileSync(out))).toBe(true);

    // Hardened again, it remembers both times.
    const again = await harden(out, 'distillation(epochs=1)', '--attacks', 'fgs(epsilon=0.1)');
    expect(JSON.parse(readModel(readFileSync(again.out)).metadata.get('rampart.lineage')!)).toHaveLength(2);
  });

  it('by TRADES trains a residual network with batch normalisation, all but what is frozen', async () => {
    const data = path.join(folder, 'stripes');
    mkdirSync(data);
    for (const [split, count] of [
      ['train', 400],
      ['test', 100],
    ] as const) {
      const { images, labels } = stripes(count, Rng.root(split));
      writeFileSync(path.join(data, `${split}-images.npy`), encodeNpy(images, [count, 3, 16, 16]));
      writeFileSync(path.join(data, `${split}-labels.npy`), encodeNpy(labels, [count]));
    }
    const file = path.join(MODELS, 'residual-unfolded-torchscript-opset15.onnx');
    const original = readModel(readFileSync(file));
    const statistics = original.graph.nodes.find(({ op }) => op === 'BatchNormalization')!.inputs[3]!;
    const frozen = original.graph.nodes.findLast(({ op }) => op === 'Gemm')!.inputs[2]!;
    const out = path.join(folder, 'residual.onnx');
    const defense = `trades(epsilon=0.05, steps=2, epochs=6, batchSize=40, learningRate=0.01, freeze=["${frozen}"])`;
    const run = await runJson([
      ...['harden', file, '--defense', defense, '--out', out, ...store, '--workers', '2'],
      ...[
        '--dataset',
        'npy-folder',
        '--data-dir',
        data,
        '--attacks',
        'pgd(epsilon=0.05, steps=10)',
        '--audits',
        'none',
      ],
    ]);
    const errors = (model: string) => Object.values(valuesOf(run, 'error-rate', model, 'adaptive'))[0]!;
    const [before, after] = run.models.map(({ label }) => errors(label));
    // Its weights are random at first.
    expect(before).toBeGreaterThan(0.6);
    expect(after).toBeLessThan(0.3);

    const hardened = readModel(readFileSync(out)).graph;
    const weight = (graph: typeof hardened, name: string) => graph.initializers.get(name);
    expect(weight(hardened, frozen)).toEqual(weight(original.graph, frozen));
    expect(weight(hardened, statistics)).not.toEqual(weight(original.graph, statistics));
    expect([...hardened.initializers.keys()]).toEqual([...original.graph.initializers.keys()]);
    expect([hardened.inputs, hardened.outputs, hardened.nodes]).toEqual([
      original.graph.inputs,
      original.graph.outputs,
      original.graph.nodes,
    ]);
  });

  it.each([
    ['iaec(attack="fgs(epsilon=0.1)", epochs=1)', LENET5],
    ['distillation(epochs=1)', path.join(MODELS, 'lenet5-dynamo-opset20.onnx')],
  ])('by %s gives a file that runs in a bare ONNX Runtime session', async (defense, file) => {
    const { out } = await harden(file, defense, '--attacks', 'fgs(epsilon=0.1)');
    const [before, after] = await Promise.all([file, out].map((name) => ort.InferenceSession.create(name)));
    expect(after!.inputNames).toEqual(before!.inputNames);
    expect(after!.outputNames).toEqual(before!.outputNames);
    const [input, output] = [after!.inputNames[0]!, after!.outputNames[0]!];
    const images = new ort.Tensor('float32', new Float32Array(3 * 784).fill(-0.5), [3, 1, 28, 28]);
    const { [output]: logits } = await after!.run({ [input]: images });
    const { [output]: original } = await before!.run({ [input]: images });
    expect(logits!.dims).toEqual([3, 2]);
    expect(logits!.data).not.toEqual(original!.data);
    for (const session of [before!, after!]) await session.release();
  });
});

/** Colour images of ten classes: a stripe at one of ten heights, in noise. */
function stripes(count: number, rng: Rng): { readonly images: Float32Array; readonly labels: Int32Array } {
  const labels = Int32Array.from({ length: count }, (_, i) => i % 10);
  const images = Float32Array.from({ length: count * 768 }, (_, k) => {
    const row = Math.floor(k / 16) % 16;
    const bright = Math.abs(row - 3 - labels[Math.floor(k / 768)]!) < 2;
    return (bright ? 0.7 : 0.3) + 0.2 * (rng.uniform() - 0.5);
  });
  return { images, labels };
}
