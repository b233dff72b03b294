import { readFileSync } from 'node:fs';
import path from 'node:path';

import { checksum } from '@rampart/core';
import { readModel } from '@rampart/onnx';
import * as ort from 'onnxruntime-node';

import { temporaryFolder } from '../integration/rampart';
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

    // Hardened again, it remembers both times.
    const again = await harden(out, 'distillation(epochs=1)', '--attacks', 'fgs(epsilon=0.1)');
    expect(JSON.parse(readModel(readFileSync(again.out)).metadata.get('rampart.lineage')!)).toHaveLength(2);
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
