import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';

import { SeriesBand, SeriesLine, SeriesMarks, Swatch } from './series-shapes';
import { seriesLook } from './series-look';

const shape = { x: (value: number) => 10 * value, y: (value: number) => value, look: seriesLook(8) };
const points = [
  [0, 1, 0, 2],
  [1, 3, 2, 4],
] as const;

it('draws a line in its look, with what it says', () => {
  const svg = renderToStaticMarkup(
    createElement(SeriesLine, { ...shape, points, width: 2 }, createElement('title', null, 'lenet5')),
  );
  expect(svg).toContain('d="M0 1L10 3"');
  expect(svg).toContain(`stroke-dasharray="${shape.look.dash}"`);
  expect(svg).toContain(`stroke:${shape.look.colour}`);
  expect(svg).toContain('<title>lenet5</title>');
});

it('draws a band where every point has an interval', () => {
  expect(renderToStaticMarkup(createElement(SeriesBand, { ...shape, points }))).toContain('d="M0 2L10 4L10 2L0 0Z"');
  expect(renderToStaticMarkup(createElement(SeriesBand, { ...shape, points: [[0, 1]] }))).toBe('');
});

it('puts a mark at every point', () => {
  const titleOf = ([x]: (typeof points)[number]) => `at ${x}`;
  const svg = renderToStaticMarkup(createElement(SeriesMarks, { ...shape, points, titleOf } as never));
  expect(svg.match(/translate\(\d+ \d+\)/g)).toEqual(['translate(0 1)', 'translate(10 3)']);
  expect(svg).toContain('<title>at 1</title>');
});

it('shows in a legend what the chart has', () => {
  const parts = (props: { line?: boolean; mark?: boolean }) =>
    renderToStaticMarkup(createElement(Swatch, { look: shape.look, ...props })).match(/<(line|path)/g);
  expect([parts({}), parts({ mark: false }), parts({ line: false })]).toEqual([
    ['<line', '<path'],
    ['<line'],
    ['<path'],
  ]);
});
