import fc from 'fast-check';

import type { AttributeInputs } from '../graph/attribute';
import { GraphBuilder } from '../graph/builder';
import type { Model, Tensor } from '../graph/ir';
import { elementCount, float32Tensor, isFloat } from '../graph/tensor';
import { compareGradients, type GradientComparison } from '../runtime/finite-differences';

/** One operator to be checked on one set of inputs. */
export interface RuleCase {
  readonly op: string;
  /** ONNX's own where nothing is said. */
  readonly domain?: string;
  /** The inputs in order; a left-out one is undefined. */
  readonly inputs: readonly (Tensor | undefined)[];
  readonly attributes?: AttributeInputs;
  readonly outputs?: number;
  /** Indices of inputs that are constants of the model. */
  readonly constants?: readonly number[];
  /** Indices of inputs whose first dimension is free. */
  readonly free?: readonly number[];
  readonly opset?: number;
  readonly irVersion?: number;
  readonly step?: number;
  readonly elements?: number;
}

/** A model of one node. Its inputs are named input0, input1 ... */
export function singleNodeModel(ruleCase: RuleCase): Model {
  const builder = new GraphBuilder();
  const names = ruleCase.inputs.map((value, i) => {
    if (!value) return '';
    if (ruleCase.constants?.includes(i)) return builder.initializer(`input${i}`, value);
    const dims = ruleCase.free?.includes(i) ? ['N', ...value.dims.slice(1)] : value.dims;
    return builder.input(`input${i}`, value.type, dims);
  });
  const { op, domain = '', attributes, outputs: count = 1 } = ruleCase;
  const outputs = builder.node(op, names, attributes, { domain, outputs: count });
  for (const output of outputs) builder.output(output);
  return {
    irVersion: ruleCase.irVersion ?? 10,
    opsets: new Map([['', ruleCase.opset ?? 21], ...(domain === '' ? [] : [[domain, 1] as const])]),
    producer: 'check-rule',
    metadata: new Map(),
    functions: [],
    graph: builder.build(ruleCase.op),
  };
}

/** Compares the gradients of every floating-point input, constants apart, with finite differences. */
export async function checkRule(ruleCase: RuleCase): Promise<GradientComparison[]> {
  const feeds: Record<string, Tensor> = {};
  const wrt: string[] = [];
  ruleCase.inputs.forEach((value, i) => {
    if (!value || ruleCase.constants?.includes(i)) return;
    feeds[`input${i}`] = value;
    if (isFloat(value.type)) wrt.push(`input${i}`);
  });
  return compareGradients(singleNodeModel(ruleCase), feeds, {
    wrt,
    ...(ruleCase.step && { step: ruleCase.step }),
    elements: ruleCase.elements ?? 24,
  });
}

/** The largest error of a rule on one case. */
export async function ruleError(ruleCase: RuleCase): Promise<number> {
  const comparisons = await checkRule(ruleCase);
  return Math.max(...comparisons.map(({ error }) => error));
}

/** A generator of its own for the specs' numbers, so that a case is told by its seed. */
export class Numbers {
  constructor(private state: number) {}

  /** Uniform in [0, 1). */
  next(): number {
    this.state = (Math.imul(this.state ^ (this.state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) | 0;
    const mixed = Math.imul(this.state ^ (this.state >>> 13), 0x297a2d39);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  }

  /** Uniform values, float32. */
  uniform(dims: readonly number[], low = -1.5, high = 1.5): Tensor {
    return float32Tensor(
      dims,
      Array.from({ length: elementCount(dims) }, () => low + (high - low) * this.next()),
    );
  }

  /** Values of both signs that keep away from 0. */
  nonzero(dims: readonly number[], low = 0.3, high = 1.5): Tensor {
    const magnitudes = this.uniform(dims, low, high).data as Float32Array;
    return float32Tensor(
      dims,
      magnitudes.map((value) => (this.next() < 0.5 ? value : -value)),
    );
  }

  /** Values of both signs, any two of them and any of them and 0 further apart than finite differences reach. */
  distinct(dims: readonly number[], spacing = 0.1): Tensor {
    const count = elementCount(dims);
    const values = Array.from({ length: count }, (_, i) => (i - Math.floor(count / 2) + 0.5) * spacing);
    for (let i = count - 1; i > 0; i--) {
      const j = Math.floor(this.next() * (i + 1));
      [values[i], values[j]] = [values[j]!, values[i]!];
    }
    return float32Tensor(dims, values);
  }

  /** An integer from low to high, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  pick<T>(items: readonly T[]): T {
    return items[this.integer(0, items.length - 1)]!;
  }
}

/**
 * States that the gradients of an operator equal finite differences, on cases that are made from a fixed sequence of
 * seeds. Errors are relative, in norm; float32 allows for about 1e-3.
 */
export function itHasGradients(
  name: string,
  make: (numbers: Numbers) => RuleCase,
  { runs = 20, within = 1e-3 }: { readonly runs?: number; readonly within?: number } = {},
): void {
  const law = async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        expect(await ruleError(make(new Numbers(seed)))).toBeLessThan(within);
      }),
      { seed: 20, numRuns: runs },
    );
  };
  it(`${name}: gradients equal finite differences`, law, 60_000);
}
