/** Element types that a tensor can have, by their ONNX names in lower case. */
export type ElementType =
  | 'float32'
  | 'float64'
  | 'float16'
  | 'bfloat16'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'bool'
  | 'string';

/** A constant: its elements row-major. 16-bit floats are kept as their bits, bool as 0 and 1. */
export interface Tensor {
  readonly type: ElementType;
  readonly dims: readonly number[];
  readonly data: TensorData;
}

export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | readonly string[];

/**
 * An attribute of a node. `reference` stands for an attribute of the function that the node is part of;
 * `opaque` is kept as its wire bytes: sparse tensors, types, lists of tensors or of graphs.
 */
export type Attribute =
  | { readonly type: 'int'; readonly value: number }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'tensor'; readonly value: Tensor }
  | { readonly type: 'graph'; readonly value: Graph }
  | { readonly type: 'ints'; readonly value: readonly number[] }
  | { readonly type: 'floats'; readonly value: readonly number[] }
  | { readonly type: 'strings'; readonly value: readonly string[] }
  | { readonly type: 'reference'; readonly value: string; readonly kind: number }
  | { readonly type: 'opaque'; readonly value: Uint8Array };

/** One operator application. An optional input or output that is left out is the empty name. */
export interface Node {
  readonly op: string;
  /** The empty string is ONNX's own domain. */
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** A dimension: its size, a symbol's name, or unknown. */
export type Dimension = number | string | undefined;

/** A graph's input or output. */
export interface ValueInfo {
  readonly name: string;
  /** `other` is no tensor (a sequence, a map), or a type that the file leaves out. */
  readonly type: ElementType | 'other';
  /** Undefined where even the rank is unknown. */
  readonly dims: readonly Dimension[] | undefined;
  /** The wire bytes of a type that is no tensor. */
  readonly encoded?: Uint8Array;
}

/** Nodes in topological order over named values. */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly initializers: ReadonlyMap<string, Tensor>;
  readonly nodes: readonly Node[];
}

/** A function that a model defines for its own nodes to call. */
export interface LocalFunction {
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Names of the attributes that a call must give. */
  readonly attributes: readonly string[];
  /** Those that a call may leave out. */
  readonly defaults?: Readonly<Record<string, Attribute>>;
  readonly opsets: ReadonlyMap<string, number>;
  readonly nodes: readonly Node[];
}

/** A whole ONNX file. */
export interface Model {
  readonly irVersion: number;
  /** Operator set version of each domain; the empty string is ONNX's own. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly producer: string;
  readonly producerVersion?: string;
  readonly metadata: ReadonlyMap<string, string>;
  readonly graph: Graph;
  readonly functions: readonly LocalFunction[];
}
