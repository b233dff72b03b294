import type { Emitter } from './emitter';

/** A value on a tape. */
export interface Variable {
  readonly name: string;
}

interface Step {
  readonly outputs: readonly Variable[];
  /** Gives each input its share of the outputs' gradients. */
  back(gradients: readonly (string | undefined)[]): void;
}

/**
 * Writes a computation and remembers it, to write its gradient afterwards: for rules of operators that are long
 * computations themselves.
 */
export class Tape {
  private readonly steps: Step[] = [];
  private readonly parts = new Map<Variable, string[]>();

  /** @param like a value of the element type that everything on the tape has */
  constructor(
    private readonly emit: Emitter,
    private readonly like: string,
  ) {}

  /** A value from outside. */
  leaf(name: string): Variable {
    return { name };
  }

  add(a: Variable, b: Variable): Variable {
    return this.record(this.emit.add(a.name, b.name), (gradient) => {
      this.contribute(a, gradient);
      this.contribute(b, gradient);
    });
  }

  mul(a: Variable, b: Variable): Variable {
    return this.record(this.emit.mul(a.name, b.name), (gradient) => {
      this.contribute(a, this.emit.mul(gradient, b.name));
      this.contribute(b, this.emit.mul(gradient, a.name));
    });
  }

  /** A matrix and a row that is added to each of its rows. */
  addRow(a: Variable, row: Variable): Variable {
    return this.record(this.emit.add(a.name, row.name), (gradient) => {
      this.contribute(a, gradient);
      this.contribute(row, this.emit.sum(gradient, [0], false));
    });
  }

  /** A matrix each of whose rows is multiplied with a row. */
  mulRow(a: Variable, row: Variable): Variable {
    return this.record(this.emit.mul(a.name, row.name), (gradient) => {
      this.contribute(a, this.emit.mul(gradient, row.name));
      this.contribute(row, this.emit.sum(this.emit.mul(gradient, a.name), [0], false));
    });
  }

  /** A matrix multiplied with the transpose of another one. */
  mulTransposed(a: Variable, b: Variable): Variable {
    return this.record(this.emit.op('Gemm', [a.name, b.name], { transB: 1 }), (gradient) => {
      this.contribute(a, this.emit.op('Gemm', [gradient, b.name]));
      this.contribute(b, this.emit.op('Gemm', [gradient, a.name], { transA: 1 }));
    });
  }

  oneMinus(a: Variable): Variable {
    return this.record(this.emit.sub(this.emit.number(1, this.like), a.name), (gradient) =>
      this.contribute(a, this.emit.neg(gradient)),
    );
  }

  /** A function of each element, with its slope at the element x and the result y. */
  map(a: Variable, op: (x: string) => string, slope: (x: string, y: string) => string): Variable {
    const y = op(a.name);
    return this.record(y, (gradient) => this.contribute(a, this.emit.mul(gradient, slope(a.name, y))));
  }

  /** Equal parts along an axis. */
  split(a: Variable, axis: number, count: number): Variable[] {
    const outputs = this.emit.ops('Split', [a.name], count, { axis, num_outputs: count }).map((name) => ({ name }));
    this.steps.push({
      outputs,
      back: (gradients) => {
        const all = gradients.map((gradient, i) => gradient ?? this.zero(outputs[i]!.name));
        this.contribute(a, this.emit.op('Concat', all, { axis }));
      },
    });
    return outputs;
  }

  /** A choice by a condition. */
  where(condition: string, a: Variable, b: Variable): Variable {
    return this.record(this.emit.op('Where', [condition, a.name, b.name]), (gradient) => {
      const none = this.emit.number(0, this.like);
      this.contribute(a, this.emit.op('Where', [condition, gradient, none]));
      this.contribute(b, this.emit.op('Where', [condition, none, gradient]));
    });
  }

  /** Adds to the gradient of a value. */
  contribute(to: Variable, gradient: string): void {
    const parts = this.parts.get(to);
    if (parts) parts.push(gradient);
    else this.parts.set(to, [gradient]);
  }

  /** Writes the gradients of everything, from those that were contributed. */
  backward(): void {
    for (const step of this.steps.toReversed()) {
      const gradients = step.outputs.map((output) => this.gradient(output));
      if (gradients.some((gradient) => gradient !== undefined)) step.back(gradients);
    }
  }

  /** The gradient of a value after `backward`; undefined where it is 0. */
  gradient(of: Variable): string | undefined {
    const parts = this.parts.get(of);
    if (parts && parts.length > 1) parts.splice(0, parts.length, this.emit.op('Sum', [...parts]));
    return parts?.[0];
  }

  zero(like: string): string {
    return this.emit.sub(like, like);
  }

  private record(name: string, back: (gradient: string) => void): Variable {
    const output = { name };
    this.steps.push({ outputs: [output], back: ([gradient]) => back(gradient!) });
    return output;
  }
}
