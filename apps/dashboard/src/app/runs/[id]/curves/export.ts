'use client';

import type { DrawnSeries } from './diagram';

/** The drawing as a file of its own: what the style sheets say of it is written into it. */
export function downloadSvg(id: string, name: string): void {
  const drawn = document.getElementById(id);
  if (!(drawn instanceof SVGSVGElement)) return;
  const copy = drawn.cloneNode(true) as SVGSVGElement;
  const originals = drawn.querySelectorAll<SVGElement>('*');
  copy.querySelectorAll<SVGElement>('*').forEach((element, index) => {
    const style = getComputedStyle(originals[index]!);
    for (const property of [
      'fill',
      'stroke',
      'stroke-width',
      'stroke-dasharray',
      'font-size',
      'font-family',
      'paint-order',
      'opacity',
    ]) {
      element.setAttribute(property, style.getPropertyValue(property));
    }
    element.removeAttribute('style');
    element.removeAttribute('class');
  });
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.removeAttribute('class');
  copy.removeAttribute('tabindex');
  const background = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  background.setAttribute('width', '100%');
  background.setAttribute('height', '100%');
  background.setAttribute('fill', getComputedStyle(document.documentElement).getPropertyValue('background-color'));
  copy.prepend(background);
  save(new Blob([new XMLSerializer().serializeToString(copy)], { type: 'image/svg+xml' }), `${name}.svg`);
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
  const text = lines.map((line) => line.map(field).join(',')).join('\r\n');
  save(new Blob([`${text}\r\n`], { type: 'text/csv' }), `${name}.csv`);
}

function field(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function save(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
