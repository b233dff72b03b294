'use client';

import type { ModelInspection } from '@rampart/api';
import { useId, useState } from 'react';

import { count } from '../format';
import { GraphDrawing } from './graph-drawing';

type Node = ModelInspection['graph'][number];

/** A model's graph, and what the file says of the node that is chosen. */
export function GraphView({ nodes }: { readonly nodes: readonly Node[] }) {
  const [chosen, setChosen] = useState<string>();
  const caption = useId();
  const node = nodes.find(({ id }) => id === chosen);
  return (
    <figure className="min-w-0" aria-labelledby={caption}>
      <figcaption id={caption} className="mb-1 text-xs font-medium text-ink-2">
        Its graph, {count(nodes.length, 'node')}
      </figcaption>
      <div
        className="max-h-[560px] overflow-auto rounded-lg bg-sunken p-2"
        tabIndex={0}
        role="group"
        aria-label="Drawing of the graph"
      >
        <GraphDrawing nodes={nodes} chosen={chosen} onChoose={setChosen} />
      </div>
      <div role="status" className="mt-2 text-[13px]">
        {node ? (
          <NodeFacts node={node} />
        ) : (
          <p className="text-xs text-ink-3">A node that is clicked, or reached by the arrows, says here what it is.</p>
        )}
      </div>
    </figure>
  );
}

function NodeFacts({ node: { id, operator, shape, after, attributes = {}, constants = {} } }: { readonly node: Node }) {
  const facts = [
    ['Output', shape === undefined ? id : `${id}: ${shape}`],
    ...(after.length > 0 ? [['Reads', after.join(', ')]] : []),
    ...Object.entries(attributes),
    ...Object.entries(constants),
  ] as const;
  return (
    <>
      <h3 className="font-semibold">{operator}</h3>
      <dl className="figures mt-1 grid grid-cols-[fit-content(45%)_minmax(0,1fr)] gap-x-4 gap-y-1">
        {facts.map(([name, value], index) => (
          <div key={index} className="contents">
            <dt className="wrap-anywhere text-ink-3">{name}</dt>
            <dd className="wrap-anywhere">{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
