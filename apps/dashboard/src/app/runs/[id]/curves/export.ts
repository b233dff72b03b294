'use client';

import { textWidth } from '@rampart/charts';

import { csvText, saveFile } from '@/components/save-file';

import type { DrawnSeries } from './diagram';

const TITLE = 34;
const LEGEND_LINE = 20;
const MARGIN = 12;
/** Pixels of a PNG for one of the page. */
const SCALE = 2;

/** What style sheets say that a file of its own has to say itself. */
const STYLED = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'font-size',
  'font-family',
  'paint-order',
  'opacity',
  'overflow',
] as const;

/** The drawing with its title and a legend of what is shown. */
export function downloadSvg(id: string, name: string, title: string): void {
  const drawn = drawing(id, title);
  if (drawn) saveFile(drawn.text, `${name}.svg`, 'image/svg+xml');
}

/** The same as an image, twice as large as on the page. */
export async function downloadPng(id: string, name: string, title: string): Promise<void> {
  const drawn = drawing(id, title);
  if (!drawn) return;
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([drawn.text], { type: 'image/svg+xml' }));
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = drawn.width * SCALE;
  canvas.height = drawn.height * SCALE;
  canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(image.src);
  canvas.toBlob((blob) => {
    if (blob) saveFile(blob, `${name}.png`);
  }, 'image/png');
}

function drawing(id: string, title: string): { text: string; width: number; height: number } | undefined {
  const drawn = document.getElementById(id);
  if (!(drawn instanceof SVGSVGElement)) return undefined;
  const width = drawn.width.baseVal.value + 2 * MARGIN;
  const root = svg('svg', { width });
  const page = getComputedStyle(document.documentElement);
  const ink = getComputedStyle(document.body).color;
  const font = { fill: ink, 'font-family': page.fontFamily || 'sans-serif' };
  root.append(
    svg('rect', { width: '100%', height: '100%', fill: page.backgroundColor }),
    svg('text', { x: MARGIN, y: 22, 'font-size': 15, 'font-weight': 600, ...font }, title),
    placed(standalone(drawn), MARGIN, TITLE),
  );
  let x = MARGIN;
  let y = TITLE + drawn.height.baseVal.value + LEGEND_LINE / 2;
  for (const entry of document.querySelectorAll<HTMLElement>(`#${id}-series [aria-pressed=true]`)) {
    const text = entry.textContent;
    const size = 18 + 6 + textWidth(text) + 18;
    if (x > MARGIN && x + size > width) {
      x = MARGIN;
      y += LEGEND_LINE;
    }
    const swatch = entry.querySelector('svg');
    if (swatch) root.append(placed(standalone(swatch), x, y - 5));
    root.append(svg('text', { x: x + 24, y: y + 4, 'font-size': 11, ...font }, text));
    x += size;
  }
  const height = y + LEGEND_LINE;
  root.setAttribute('height', String(height));
  root.setAttribute('viewBox', `0 0 ${width} ${height}`);
  return { text: new XMLSerializer().serializeToString(root), width, height };
}

/** A copy that needs no style sheet. */
function standalone(drawn: SVGSVGElement): SVGSVGElement {
  const copy = drawn.cloneNode(true) as SVGSVGElement;
  const originals = drawn.querySelectorAll<SVGElement>('*');
  copy.querySelectorAll<SVGElement>('*').forEach((element, index) => {
    const style = getComputedStyle(originals[index]!);
    for (const property of STYLED) element.setAttribute(property, style.getPropertyValue(property));
    element.removeAttribute('style');
    element.removeAttribute('class');
  });
  for (const attribute of ['class', 'tabindex', 'style', 'id']) copy.removeAttribute(attribute);
  return copy;
}

function placed(element: SVGElement, x: number, y: number): SVGElement {
  element.setAttribute('x', String(x));
  element.setAttribute('y', String(y));
  return element;
}

function svg(name: string, attributes: Readonly<Record<string, string | number>>, text = ''): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.textContent = text;
  return element;
}

/** One line a point: series, x, y; where a series has an interval, its bounds and the number of observations too. */
export function downloadCsv(
  series: readonly DrawnSeries[],
  name: string,
  labels: readonly [x: string, y: string],
): void {
  const bounded = series.some(({ bounds }) => bounds !== undefined);
  const lines = [
    ['series', ...labels, ...(bounded ? ['low', 'high', 'n'] : [])],
    ...series.flatMap(({ name: of, points, bounds, count }) =>
      points.map(([x, y], index) => {
        const [low = '', high = ''] = bounds?.[index] ?? [];
        return [of, x, y, ...(bounded ? [low, high, count ?? ''] : [])];
      }),
    ),
  ];
  saveFile(csvText(lines), `${name}.csv`, 'text/csv');
}
