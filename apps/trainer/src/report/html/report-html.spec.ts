import type { Picture, SampleFigure } from '@rampart/results';
import { PNG } from 'pngjs';

import { exampleReport } from '../report.fixture';
import { imageUri, perturbationUri } from './png';
import { reportHtml } from './report-html';

const base64 = (...bytes: readonly number[]) => Buffer.from(bytes).toString('base64');

/** Two pixels in colour: one that turns darker by the whole scale, one that stays. */
const PICTURE: Picture = {
  ...{ channels: 3, height: 1, width: 2, scale: 0.5 },
  ...{ original: base64(10, 20, 30, 40, 50, 60), adversarial: base64(0, 20, 0, 40, 0, 60) },
  perturbation: base64(256 - 127, 0),
};

const FIGURE: SampleFigure = {
  ...{
    model: 'mine|<b>',
    mode: 'adaptive',
    seed: 1,
    classes: ['4', '7'],
    attacks: ['cg', '<script>alert(1)</script>'],
  },
  rows: [
    {
      testIndex: 12,
      samples: [
        {
          attack: 'cg',
          picture: PICTURE,
          instance: {
            ...{ evaluateStep: 'e', position: 0, testIndex: 12, label: 0, predictionBefore: 0, predictionAfter: 1 },
            ...{ confidenceBefore: 0.999, confidenceAfter: 0.625, distortion: 0.0118, linf: 0.5, iterations: 3 },
          },
        },
        undefined,
      ],
    },
  ],
};

const pixels = (uri: string): number[][] => {
  const { data, width, height } = PNG.sync.read(Buffer.from(uri.replace('data:image/png;base64,', ''), 'base64'));
  return Array.from({ length: width * height }, (_, pixel) => [...data.subarray(4 * pixel, 4 * pixel + 3)]);
};

describe('the page of a report', () => {
  const report = exampleReport();
  const html = reportHtml(report, [FIGURE]);

  it('needs no script, no server and no other file', () => {
    expect(html).not.toMatch(/<script|<link|<iframe|<object|@import|url\(/i);
    const references = [...html.matchAll(/(?:src|href|srcset|action|data)="([^"]*)"/g)].map(([, target]) => target!);
    expect(references.length).toBeGreaterThan(3);
    for (const target of references) expect(target).toMatch(/^(#[\w-]+|data:image\/png;base64,[\w+/=]+)$/);
  });

  it('links to sections that are there', () => {
    for (const [, id] of html.matchAll(/href="#([^"]+)"/g)) expect(html).toContain(`<section id="${id}">`);
  });

  it('shows every label as it is', () => {
    expect(html).toContain('an &lt;example&gt;');
    expect(html).toContain('mine|&lt;b&gt;');
    expect(html).toContain('Data of &quot;one&quot; &amp; &lt;another&gt;.');
    expect(html).not.toMatch(/<b>|<example>|<another>/);
  });

  it('has tables, claims with all comparisons, curves with axes and a legend, and images', () => {
    expect(html).toMatch(/<strong>50\.00%<\/strong><small>40\.00 to 60\.00<\/small><small>pub\. 48\.2% \(\+1\.80\)/);
    for (const { claim, comparisons } of report.claims) {
      expect(html).toContain(`<strong>${claim.id}</strong>`);
      for (const { text } of comparisons) expect(html).toContain(text.replaceAll('<', '&lt;'));
    }
    expect(html).toMatch(
      /<svg[^>]* aria-label="Recall of the malicious instances against epsilon: recall against epsilon"/,
    );
    expect(html).toMatch(/<tspan[^>]*>recall<\/tspan>/);
    expect(html).toMatch(/<ul class="legend"><li><svg.*?<\/svg>lenet5 under fgs<\/li>/);
    expect(html).toMatch(/alt="After cg, taken for 7, 62\.5%"/);
    expect(html).toContain('4, 99.9%');
  });

  it('says how its examples were made', () => {
    expect(html).toContain('static, transfer');
    expect(html).toContain('adaptive, white-box');
  });

  it('comes without what a run does not have', () => {
    const bare = reportHtml(
      { ...report, run: { ...report.run, published: undefined }, tables: [], claims: [], curves: [] },
      [],
    );
    expect(bare).toContain('No figures yet.');
    expect(bare).not.toMatch(/<section|<table/);
  });
});

describe('an image in the page', () => {
  it('has the pixels that were stored, planes side by side', () => {
    expect(pixels(imageUri(PICTURE, 'original'))).toEqual([
      [10, 30, 50],
      [20, 40, 60],
    ]);
  });

  it('shows one channel as grey', () => {
    const grey = { ...PICTURE, channels: 1, adversarial: base64(7, 255) };
    expect(pixels(imageUri(grey, 'adversarial'))).toEqual([
      [7, 7, 7],
      [255, 255, 255],
    ]);
  });

  it('shows what was changed by its sign: full colour for the largest change, white for none', () => {
    const [darker, same] = pixels(perturbationUri(PICTURE));
    const [brighter] = pixels(perturbationUri({ ...PICTURE, perturbation: base64(127, 0) }));
    expect(same).toEqual([255, 255, 255]);
    expect(darker![2]).toBeGreaterThan(darker![0]! + 100);
    expect(brighter![0]).toBeGreaterThan(brighter![2]! + 100);
  });
});
