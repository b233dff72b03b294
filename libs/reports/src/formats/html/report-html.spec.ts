import type { Picture } from '../../report/pictures';
import type { SampleFigure } from '../../report/samples';
import { PNG } from 'pngjs';

import { exampleReport } from '../report.fixture';
import { exampleThreatReport } from '../robustness.fixture';
import { imageUri, perturbationUri } from './png';
import { reportHtml } from './report-html';

const base64 = (...bytes: readonly number[]) => Buffer.from(bytes).toString('base64');

/** Two pixels in colour: one that turns darker by the whole scale, one that stays. */
const PICTURE: Picture = {
  kind: 'picture',
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
    expect(html).toMatch(/<ul class="legend"><li><label><input.*?<svg.*?<\/svg>lenet5 under fgs<\/label><\/li>/);
    // What its box hides.
    expect(html).toContain('figure:has(.legend li:nth-child(1) input:not(:checked)) .series-1 { display: none; }');
    expect(html).toMatch(/<g class="series-1"><path class="line"/);
    expect(html).toMatch(/alt="After cg, taken for 7, 62\.5%"/);
    expect(html).toContain('4, 99.9%');
  });

  it('says how its examples were made', () => {
    expect(html).toContain('static, transfer');
    expect(html).toContain('adaptive, white-box');
  });

  it('has the experiment and the command that makes it again', () => {
    const run = { ...report.run, experiment: 'name: <mine>\nattacks: [cg]\n', seeds: [1, 2], engine: 'tfjs' };
    const again = reportHtml({ ...report, run }, []);
    expect(again).toContain('name: &lt;mine&gt;\nattacks: [cg]</pre>');
    expect(again).toContain('rampart run experiment.yaml --seeds 1,2 --engine tfjs');
  });

  it('comes without what a run does not have', () => {
    const bare = reportHtml(
      { ...report, run: { ...report.run, published: undefined }, tables: [], claims: [], curves: [] },
      [],
    );
    expect(bare).toContain('No figures yet.');
    expect(bare).not.toMatch(/<section id="(?!experiment)|<table/);
  });
});

describe('the page of a run with threats', () => {
  const report = exampleThreatReport();
  const html = reportHtml(report, [FIGURE]);

  it('needs no script, no server and no other file', () => {
    expect(html).not.toMatch(/<script|<link|<iframe|<object|@import|url\(/i);
    expect(html).not.toMatch(/<b>|<takes>/);
  });

  it('links to sections that are there, robustness first', () => {
    const links = [...html.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id!);
    for (const id of links) expect(html).toContain(`<section id="${id}">`);
    expect(links.slice(0, 6)).toEqual([
      ...['robustness', 'linf-8-255-adaptive', 'l2-0-5-adaptive', 'linf-8-255-static', 'l2-0-5-static'],
      'robustness-curves',
    ]);
    const places = links.map((id) => html.indexOf(`<section id="${id}">`));
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  it('has of each model the worst case with its interval, and a row for each attack and component', () => {
    const [table] = /<section id="linf-8-255-adaptive">.*?<\/section>/s.exec(html)!;
    expect(table.match(/<tbody>/g)).toHaveLength(2);
    expect(table).toMatch(/worst case<.*?<strong>50\.00%<\/strong>.*?<small>40\.00 to 60\.00<\/small>/);
    expect(table).toMatch(/<tr class="component"><th scope="row">apgd-ce<\/th>/);
    expect(table).toContain('lenet5: The difference of logits &lt;takes&gt; its place.');
    const rows = [...table.matchAll(/<tr[^>]*>(.*?)<\/tr>/gs)].map(([, row]) => row!);
    const widths = rows.map((row) =>
      [...row.matchAll(/<t[hd][^>]*>/g)].reduce(
        (sum, [tag]) => sum + Number(/colSpan="(\d+)"/i.exec(tag)?.[1] ?? 1),
        0,
      ),
    );
    expect(new Set(widths)).toEqual(new Set([8]));
  });

  it('has curves that fall in steps, with the band of the worst case, and a dot for each budget', () => {
    const [curves] = /<section id="robustness-curves">.*?<\/section>/s.exec(html)!;
    // Attacks on the models themselves: both models and their comparison, in two norms; replayed: one model.
    expect(curves.match(/<figure>/g)).toHaveLength(2 * 3 + 2);
    expect(curves).toMatch(/aria-label="linf: lenet5: robust accuracy against epsilon, linf"/);
    for (const [, path] of curves.matchAll(/class="line" d="([^"]+)"/g))
      expect(path).toMatch(/^M[\d. ]+(H[\d.]+V[\d.]+)*H484$/);
    expect(curves.match(/class="band"/g)).toHaveLength(2 * 4 + 2);
    expect(curves.match(/class="dot"/g)).toHaveLength(3);
    expect(curves).toContain('<title>autoattack: 55.00%</title>');
    expect(curves).toMatch(/class="mark-label"[^>]*>linf\(8\/255\)</);
    expect(curves).toMatch(/<tspan[^>]*>4\/255<\/tspan>/);
    expect(curves).not.toContain('NaN');
  });

  it('ranks attacks where there are enough of them', () => {
    const [ranked] = /<section id="optimality">.*?<\/section>/s.exec(html)!;
    expect([...ranked.matchAll(/<th scope="row">([^<]+)</g)].map(([, name]) => name)).toEqual(
      ['fmn', 'ddn', 'fab', 'fmn', 'ddn', 'fab'].map((name) => `${name}(norm=linf)`),
    );
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
