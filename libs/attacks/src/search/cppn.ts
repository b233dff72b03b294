import type { ImageShape, Rng } from '@rampart/core';

/** What a node makes of the sum of its inputs; values near -1 to 1. */
const ACTIVATIONS = [
  (x: number) => Math.sin(2 * x),
  (x: number) => Math.exp(-x * x),
  (x: number) => Math.tanh(x),
  (x: number) => Math.max(-1, Math.min(1, x)),
] as const;

/** Column, row, distance from the middle, and 1: all of a pixel that a network sees. */
const INPUTS = 4;

interface Connection {
  /** An input, or INPUTS + the index of an earlier node. */
  readonly from: number;
  readonly weight: number;
}

interface Node {
  readonly activation: number;
  readonly inputs: readonly Connection[];
}

/**
 * A compositional pattern-producing network (Stanley 2007): makes the value of a pixel from its place, by a small graph
 * of sines, bells and sigmoids, so that its images are regular. Nodes stand in the order that they are computed in; the
 * last ones give the channels.
 */
export interface Cppn {
  readonly nodes: readonly Node[];
}

/** A network without inner nodes, of random weights. */
export function drawCppn(channels: number, rng: Rng): Cppn {
  const node = (): Node => ({
    activation: rng.integer(ACTIVATIONS.length),
    inputs: Array.from({ length: INPUTS }, (_, from) => ({ from, weight: rng.normal() })),
  });
  return { nodes: Array.from({ length: channels }, node) };
}

/** A copy with changed weights and, by chance, another activation, connection or node. */
export function mutateCppn({ nodes }: Cppn, channels: number, rng: Rng): Cppn {
  let changed: readonly Node[] = nodes.map((node) => ({
    activation: rng.uniform() < 0.1 ? rng.integer(ACTIVATIONS.length) : node.activation,
    inputs: node.inputs.map(({ from, weight }) => ({
      from,
      weight: rng.uniform() < 0.5 ? weight + 0.5 * rng.normal() : weight,
    })),
  }));
  if (rng.uniform() < 0.2) changed = withConnection(changed, rng);
  if (rng.uniform() < 0.2) changed = withNode(changed, channels, rng);
  return { nodes: changed };
}

/** Connects a node with an input or an earlier node, once more where it is connected already. */
function withConnection(nodes: readonly Node[], rng: Rng): readonly Node[] {
  const to = rng.integer(nodes.length);
  const added = { from: rng.integer(INPUTS + to), weight: rng.normal() };
  return nodes.map((node, place) => (place === to ? { ...node, inputs: [...node.inputs, added] } : node));
}

/** Puts a node into a connection. */
function withNode(nodes: readonly Node[], channels: number, rng: Rng): readonly Node[] {
  const to = rng.integer(nodes.length);
  const { inputs } = nodes[to]!;
  const split = rng.integer(inputs.length);
  const { from, weight } = inputs[split]!;
  // Before the node that it leads to, and before the channels, which stay the last.
  const place = Math.min(to, nodes.length - channels);
  // A channel can feed another one, which the new node cannot come between.
  if (from - INPUTS >= place) return nodes;
  const moved = (index: number) => (index - INPUTS >= place ? index + 1 : index);
  const shifted = nodes.map((node, index) => ({
    ...node,
    inputs: node.inputs.map((connection, k) =>
      index === to && k === split ? { from: INPUTS + place, weight } : { ...connection, from: moved(connection.from) },
    ),
  }));
  const added: Node = { activation: rng.integer(ACTIVATIONS.length), inputs: [{ from, weight: 1 }] };
  return [...shifted.slice(0, place), added, ...shifted.slice(place)];
}

/** Writes the image of a network: values from -1 to 1. */
export function paintCppn({ nodes }: Cppn, { channels, height, width }: ImageShape, into: Float32Array): void {
  const values = new Float64Array(INPUTS + nodes.length);
  const size = height * width;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      values[0] = width > 1 ? (2 * x) / (width - 1) - 1 : 0;
      values[1] = height > 1 ? (2 * y) / (height - 1) - 1 : 0;
      values[2] = Math.hypot(values[0], values[1]);
      values[3] = 1;
      for (let n = 0; n < nodes.length; n++) {
        const { activation, inputs } = nodes[n]!;
        let sum = 0;
        for (let k = 0; k < inputs.length; k++) sum += inputs[k]!.weight * values[inputs[k]!.from]!;
        values[INPUTS + n] = ACTIVATIONS[activation]!(sum);
      }
      for (let c = 0; c < channels; c++) {
        into[c * size + y * width + x] = values[INPUTS + nodes.length - channels + c]!;
      }
    }
  }
}
