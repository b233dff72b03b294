'use client';

import type { ModelInspection } from '@rampart/api';
import { type ReactNode, useId, useRef, useState } from 'react';
import { flushSync } from 'react-dom';

import { count } from '../format';
import { GraphDrawing } from './graph-drawing';
import { useZoom } from './use-zoom';

type Node = ModelInspection['graph'][number];

/** How high the frame of a drawing is at most, in pixels: as in its class. */
const FRAME_HEIGHT = 560;

/** A model's graph, which can be zoomed, moved and searched, and what the file says of the node that is chosen. */
export function GraphView({ nodes }: { readonly nodes: readonly Node[] }) {
  const [chosen, setChosen] = useState<string>();
  const caption = useId();
  const frame = useRef<HTMLDivElement>(null);
  const { zoom, zoomIn, zoomOut, fit, handlers } = useZoom(frame, FRAME_HEIGHT);
  const [words, setWords] = useState('');
  const node = nodes.find(({ id }) => id === chosen);
  const found = words.trim() === '' ? [] : nodes.filter((one) => matches(one, words));
  const next = () => {
    const one = found[(found.findIndex(({ id }) => id === chosen) + 1) % found.length];
    if (!one) return;
    flushSync(() => setChosen(one.id));
    frame.current!.querySelector('[aria-pressed=true]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  };
  return (
    <figure className="min-w-0" aria-labelledby={caption}>
      <figcaption id={caption} className="mb-1 text-xs font-medium text-ink-2">
        Its graph, {count(nodes.length, 'node')}
      </figcaption>
      <div className="mb-2 flex flex-wrap items-center gap-1.5">
        <form
          role="search"
          className="flex min-w-0 flex-1 items-center gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            next();
          }}
        >
          <input
            type="search"
            className="field max-w-52 min-w-0 flex-1"
            aria-label="Find a node"
            placeholder="Find a node"
            autoComplete="off"
            value={words}
            onChange={(event) => setWords(event.target.value)}
          />
          <span className="figures text-xs whitespace-nowrap text-ink-3" aria-live="polite">
            {words.trim() !== '' && (found.length === 0 ? 'none' : `${placeOf(found, chosen)}${found.length}`)}
          </span>
        </form>
        <ZoomButton label="Zoom out" onClick={zoomOut}>
          <span aria-hidden="true">−</span>
        </ZoomButton>
        <ZoomButton label="Zoom in" onClick={zoomIn}>
          <span aria-hidden="true">+</span>
        </ZoomButton>
        <ZoomButton label="Fit the whole graph" onClick={fit}>
          Fit
        </ZoomButton>
        <span className="figures w-10 text-right text-xs text-ink-3">{Math.round(zoom * 100)}%</span>
      </div>
      <div
        ref={frame}
        className="max-h-[560px] overflow-auto rounded-lg bg-sunken p-2"
        tabIndex={0}
        role="group"
        aria-label="Drawing of the graph; + and - zoom, 0 shows all"
        {...handlers}
      >
        <GraphDrawing nodes={nodes} chosen={chosen} zoom={zoom} onChoose={setChosen} />
      </div>
      <div role="status" className="mt-2 text-[13px]">
        {node ? (
          <NodeFacts node={node} />
        ) : (
          <p className="text-xs text-ink-3">
            A node that is clicked, found, or reached by the arrows, says here what it is. A drag moves the drawing,
            Control and the wheel zoom it.
          </p>
        )}
      </div>
    </figure>
  );
}

function ZoomButton(props: { readonly label: string; readonly onClick: () => void; readonly children: ReactNode }) {
  return (
    <button
      type="button"
      className="button px-2.5"
      aria-label={props.label}
      title={props.label}
      onClick={props.onClick}
    >
      {props.children}
    </button>
  );
}

/** Whether its operator, its shape or its name in the file has the words. */
function matches({ id, operator, shape = '' }: Node, words: string): boolean {
  return `${operator} ${shape} ${id}`.toLowerCase().includes(words.trim().toLowerCase());
}

/** "2 of " where the second of them is chosen. */
function placeOf(found: readonly Node[], chosen: string | undefined): string {
  const at = found.findIndex(({ id }) => id === chosen);
  return at === -1 ? '' : `${at + 1} of `;
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
