import { RampartError } from '@rampart/core';

import { describe } from './attribute';
import { refuseHugeValues } from './huge-values';
import type { Graph, Model } from './ir';

/** Names that every object of JavaScript has something under: ONNX Runtime's tensors, by name, would be mixed up with it. */
const INHERITED: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

/**
 * Checks what everything else relies on: every value is made once, and before it is used, under a name that is free.
 * @throws RampartError `bad-model` that names node and value
 */
export function validate(model: Model): void {
  validateGraph(model.graph, new Set(), true);
  refuseHugeValues(model);
}

function validateGraph(graph: Graph, outer: ReadonlySet<string>, top: boolean): void {
  const known = new Set(outer);
  const add = (name: string) => {
    if (INHERITED.has(name)) {
      throw refused(`a value is named "${name}", which has a meaning of its own in JavaScript; give it another name`);
    }
    known.add(name);
  };
  for (const { name } of graph.inputs) {
    if (name === '') throw refused('an input of the graph has no name');
    add(name);
  }
  for (const name of graph.initializers.keys()) {
    if (name === '') throw refused('an initializer has no name');
    add(name);
  }
  const made = new Set(top ? known : []);
  for (const node of graph.nodes) {
    if (node.op === '') throw refused('a node has no operator');
    for (const input of node.inputs) {
      if (input !== '' && !known.has(input)) {
        throw refused(`${describe(node)} takes "${input}", which no earlier node, input or initializer is named`);
      }
    }
    for (const attribute of Object.values(node.attributes)) {
      if (attribute.type === 'graph') validateGraph(attribute.value, known, false);
    }
    for (const output of node.outputs) {
      if (output === '') continue;
      if (made.has(output)) throw refused(`the value "${output}" is made twice, again by ${describe(node)}`);
      made.add(output);
      add(output);
    }
  }
  const inherited = [...known].find((name) => INHERITED.has(name));
  if (inherited !== undefined) {
    throw refused(
      `a value is named "${inherited}", which has a meaning of its own in JavaScript; give it another name`,
    );
  }
  if (top && graph.outputs.length === 0) throw refused('the graph has no outputs');
  for (const { name } of graph.outputs) {
    if (!known.has(name)) throw refused(`nothing makes the output "${name}"`);
  }
}

function refused(reason: string): RampartError {
  return new RampartError({ code: 'bad-model', message: `The ONNX model is not valid: ${reason}.` });
}
