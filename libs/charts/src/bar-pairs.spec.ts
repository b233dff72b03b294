import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';

import { BarPairs } from './bar-pairs';

const PAIRS = [
  { name: '4', values: [3, -1], strong: true },
  { name: '7', values: [-2, 1] },
] as const;

const drawn = (props: object) =>
  renderToStaticMarkup(createElement(BarPairs, { title: 'Logits', pairs: PAIRS, ...props }));

it('says what it draws', () => {
  expect(drawn({})).toContain('aria-label="Logits: 4 3, then -1; 7 -2, then 1"');
});

it('draws each value from 0, on one axis', () => {
  const svg = drawn({});
  const bars = [...svg.matchAll(/<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"/g)].map(([, x, width]) => [
    Number(x),
    Number(width),
  ]);
  // From -2 to 3 there are 244 units of room: 48.8 each.
  expect(bars).toEqual([
    [209.6, 146.4],
    [160.8, 48.8],
    [112, 97.6],
    [209.6, 48.8],
  ]);
});

it('keeps to the ends that it is given, and leaves out what is no number', () => {
  const svg = drawn({ pairs: [{ name: 'a', values: [0.5, NaN] }], domain: [0, 1] });
  expect(svg.match(/<rect/g)).toHaveLength(1);
  expect(svg).toContain('width="122"');
});
