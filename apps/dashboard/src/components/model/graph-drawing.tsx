import type { ModelInspection } from '@rampart/api';
import type { KeyboardEvent } from 'react';

type Node = ModelInspection['graph'][number];

const BOX = { width: 128, height: 34, gapX: 18, gapY: 26 };
/** So many letters of one pixel are as wide as a box has room for. */
const LETTERS = 190;
/** More would be neither readable nor quick to draw. */
const DRAWN = 600;
/** From a node to the one that is computed before or after it. */
const STEPS: Readonly<Record<string, number>> = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 };

/**
 * A graph from top to bottom, each node in the layer after the last of those before it. One is chosen by a click, or by
 * the arrows in the order of computation.
 */
export function GraphDrawing(props: {
  readonly nodes: readonly Node[];
  readonly chosen: string | undefined;
  /** By how much it is larger than its plain size. */
  readonly zoom: number;
  readonly onChoose: (id: string) => void;
}) {
  const { nodes: all, chosen, zoom, onChoose } = props;
  const nodes = all.slice(0, DRAWN);
  const entry = nodes.find(({ id }) => id === chosen) ?? nodes[0];
  const layers = layersOf(nodes);
  const widest = Math.max(...layers.map((layer) => layer.length));
  const width = widest * (BOX.width + BOX.gapX) + BOX.gapX;
  const height = layers.length * (BOX.height + BOX.gapY) + BOX.gapY / 2;
  const places = new Map<string, { x: number; y: number }>();
  layers.forEach((layer, depth) => {
    const start = (width - layer.length * (BOX.width + BOX.gapX) + BOX.gapX) / 2;
    layer.forEach((node, index) => {
      places.set(node.id, { x: start + index * (BOX.width + BOX.gapX), y: 6 + depth * (BOX.height + BOX.gapY) });
    });
  });
  const walk = (event: KeyboardEvent<SVGSVGElement>) => {
    const step = STEPS[event.key];
    const next = step === undefined ? undefined : nodes[nodes.findIndex((one) => one === entry) + step];
    if (!next) return;
    event.preventDefault();
    onChoose(next.id);
    const places = event.currentTarget.querySelectorAll<SVGGElement>('[role=button]');
    places[nodes.indexOf(next)]!.focus();
  };
  return (
    <svg
      width={width * zoom}
      height={height * zoom}
      viewBox={`0 0 ${width} ${height}`}
      role="group"
      onKeyDown={walk}
      aria-label={`Graph of ${all.length} nodes: ${summary(all)}`}
      className="mx-auto block"
    >
      {nodes.flatMap((node) =>
        node.after.map((id) => {
          const from = places.get(id);
          const to = places.get(node.id)!;
          if (!from) return null;
          const [x1, y1, x2, y2] = [from.x + BOX.width / 2, from.y + BOX.height, to.x + BOX.width / 2, to.y];
          const bend = Math.max(10, (y2 - y1) / 2);
          return (
            <path
              key={`${id}>${node.id}`}
              d={`M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}`}
              fill="none"
              stroke="var(--line-strong)"
              strokeWidth={1.25}
            />
          );
        }),
      )}
      {nodes.map((node) => {
        const { x, y } = places.get(node.id)!;
        return (
          <g
            key={node.id}
            transform={`translate(${x} ${y})`}
            role="button"
            tabIndex={node === entry ? 0 : -1}
            aria-pressed={node.id === chosen}
            className="group cursor-pointer outline-none"
            onClick={() => onChoose(node.id)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' || event.key === ' ') {
                event.preventDefault();
                onChoose(node.id);
              }
            }}
          >
            <rect
              width={BOX.width}
              height={BOX.height}
              rx={6}
              className="fill-surface stroke-line-strong group-hover:stroke-ink-3 group-focus-visible:stroke-accent group-focus-visible:stroke-2 group-aria-pressed:fill-accent-soft group-aria-pressed:stroke-accent"
            />
            <text
              x={BOX.width / 2}
              y={node.shape ? 14 : 21}
              textAnchor="middle"
              fontSize={Math.min(12, LETTERS / node.operator.length)}
              fontWeight={600}
              fill="var(--ink)"
            >
              {node.operator}
            </text>
            {node.shape && (
              <text x={BOX.width / 2} y={27} textAnchor="middle" fontSize={10} fill="var(--ink-3)">
                {node.shape.length > 22 ? `${node.shape.slice(0, 21)}…` : node.shape}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}

/** Nodes by their longest way from an input; the nodes come in the order of computation. */
function layersOf(nodes: readonly Node[]): Node[][] {
  const depths = new Map<string, number>();
  const layers: Node[][] = [];
  for (const node of nodes) {
    const depth = node.after.reduce((deepest, id) => Math.max(deepest, (depths.get(id) ?? -1) + 1), 0);
    depths.set(node.id, depth);
    (layers[depth] ??= []).push(node);
  }
  return layers;
}

function summary(nodes: readonly Node[]): string {
  const counts = new Map<string, number>();
  for (const { operator } of nodes) counts.set(operator, (counts.get(operator) ?? 0) + 1);
  return [...counts].map(([operator, one]) => `${one} ${operator}`).join(', ');
}
