import { float32Tensor, type Graph, type GraphBuilder, int64Vector, type Tensor } from '@rampart/onnx';

/**
 * All trained weights as one row, one after the other: an optimiser's step is then a dozen nodes instead of a dozen
 * for each weight.
 */
export class FlatWeights {
  /** Elements of all weights. */
  readonly size: number;
  private readonly parts: readonly { readonly name: string; readonly initial: Tensor; readonly offset: number }[];

  /** @param names initializers of the graph, all of float32 */
  constructor(graph: Graph, names: readonly string[]) {
    let offset = 0;
    this.parts = names.map((name) => {
      const part = { name, initial: graph.initializers.get(name)!, offset };
      offset += part.initial.data.length;
      return part;
    });
    this.size = offset;
  }

  get names(): string[] {
    return this.parts.map(({ name }) => name);
  }

  /** The initial weights. */
  initial(): Tensor {
    const row = new Float32Array(this.size);
    for (const { initial, offset } of this.parts) row.set(initial.data as Float32Array, offset);
    return float32Tensor([this.size], row);
  }

  /** The weights in a row, by name. */
  read(row: Tensor): Map<string, Tensor> {
    const data = row.data as Float32Array;
    return new Map(
      this.parts.map(({ name, initial, offset }) => [
        name,
        float32Tensor(initial.dims, data.slice(offset, offset + initial.data.length)),
      ]),
    );
  }

  /** One for every weight of two or more dimensions, else zero. */
  isMatrix(): Tensor {
    const row = new Float32Array(this.size);
    for (const { initial, offset } of this.parts) {
      if (initial.dims.length >= 2) row.fill(1, offset, offset + initial.data.length);
    }
    return float32Tensor([this.size], row);
  }

  /** A number for every value of the row: that of the weight it belongs to. */
  spread(of: (name: string) => number): Float32Array {
    const row = new Float32Array(this.size);
    for (const { name, initial, offset } of this.parts) row.fill(of(name), offset, offset + initial.data.length);
    return row;
  }

  /** Where the values of each weight begin and end. */
  get spans(): readonly (readonly [number, number])[] {
    return this.parts.map(({ initial, offset }) => [offset, offset + initial.data.length]);
  }

  /** Appends the nodes that make the weights, under their names, of a row. */
  unpack(builder: GraphBuilder, row: string): void {
    const sizes = builder.constant(int64Vector(this.parts.map(({ initial }) => initial.data.length)));
    const pieces = builder.node('Split', [row, sizes], { axis: 0 }, { outputs: this.parts.length });
    this.parts.forEach(({ name, initial }, index) => {
      const shape = builder.constant(int64Vector(initial.dims));
      builder.node('Reshape', [pieces[index]!, shape], {}, { outputs: [name] });
    });
  }

  /** Appends the nodes that make a row of one value for each weight. */
  pack(builder: GraphBuilder, values: readonly string[]): string {
    const shape = builder.constant(int64Vector([-1]));
    const rows = this.parts.map(({ initial }, index) =>
      initial.dims.length === 1 ? values[index]! : builder.node('Reshape', [values[index]!, shape]),
    );
    return builder.node('Concat', rows, { axis: 0 });
  }
}
