import { markPath, SERIES_COLOURS, seriesLook } from './series-look';

it('tells forty series apart, by more than their colours', () => {
  const looks = Array.from({ length: 40 }, (_, index) => seriesLook(index));
  expect(new Set(looks.map(({ colour, dash }) => colour + dash)).size).toBe(40);
  expect(looks[SERIES_COLOURS.length]!.colour).toBe(looks[0]!.colour);
  expect(looks[SERIES_COLOURS.length]!.dash).not.toBe(looks[0]!.dash);
});

it('draws every mark as a closed outline of its own', () => {
  const outlines = (['circle', 'square', 'triangle', 'diamond'] as const).map((mark) => markPath(mark));
  expect(new Set(outlines).size).toBe(4);
  for (const outline of outlines.slice(1)) expect(outline).toMatch(/^M.*z$/);
});
