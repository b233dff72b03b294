import { LEGEND_STYLE } from './legend-entry';

/** The style of a report's page, in the light and in the dark. Nothing is loaded from elsewhere. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fdfdfc; --ink: #1b1e23; --soft: #565d68; --line: #d9dce1; --panel: #f4f5f6;
  --error: #e8842a; --effort: #3d8fd1; --robust: #17856b; --good: #0b6e4f; --bad: #a8400a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15171b; --ink: #e8eaed; --soft: #a5acb8; --line: #363b44; --panel: #1d2026;
    --error: #b85f10; --effort: #1f68a3; --robust: #35b08c; --good: #5fd0a5; --bad: #ff9d5c;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1400px; margin: 0 auto; padding: 32px 24px 64px; }
h1 { font-size: 28px; margin: 0 0 4px; }
h2 { font-size: 20px; margin: 44px 0 6px; }
h3 { font-size: 15px; margin: 22px 0 4px; }
p { margin: 4px 0 10px; max-width: 80ch; }
.soft { color: var(--soft); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 18px; margin: 14px 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
nav { display: flex; flex-wrap: wrap; }
nav a { color: inherit; margin-right: 18px; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { border: 1px solid var(--line); padding: 6px 10px; text-align: right; vertical-align: top; }
thead th { background: var(--panel); font-weight: 600; }
th:first-child { text-align: left; font-weight: 500; }
td { font-variant-numeric: tabular-nums; white-space: nowrap; }
td strong { font-size: 16px; }
td small, .small { display: block; font-size: 12px; line-height: 1.35; }
.heat { background: color-mix(in srgb, var(--tone) calc(var(--share) * 62%), transparent); }
.tone-error { --tone: var(--error); } .tone-effort { --tone: var(--effort); }
table.robustness { border-top: 1px solid var(--line); }
.robustness th, .robustness td { border: 0; vertical-align: baseline; border-bottom: 1px solid var(--line); padding: 6px 14px; }
.robustness tbody th:first-child { position: sticky; left: 0; background: var(--paper); min-width: 132px; max-width: 320px; overflow-wrap: anywhere; }
.robustness thead th:first-child { position: sticky; left: 0; z-index: 1; }
.robustness .group th { position: static; max-width: none; padding-top: 18px; font-weight: 600; }
.robustness .group span { position: sticky; left: 14px; }
.robustness .group small { display: inline; margin-left: 8px; font-weight: 400; }
.robustness .worst th { font-weight: 600; }
.robustness .component th { padding-left: 32px; font-weight: 400; color: var(--soft); }
.robustness .component td { color: var(--soft); }
.robustness td strong { font-size: 20px; line-height: 1.2; }
.robustness.ranked td strong { font-size: 15px; }
.share { display: flex; align-items: center; justify-content: space-between; gap: 12px; }
.bar { position: relative; flex: none; width: 120px; height: 8px; border-radius: 2px; background: linear-gradient(90deg, var(--robust) calc(var(--share) * 100%), color-mix(in srgb, var(--robust) 28%, var(--paper)) 0 calc(var(--clean) * 100%), var(--line) 0); }
.bar i { position: absolute; top: -2px; height: 12px; border: solid var(--ink); border-width: 0 1.5px; background: linear-gradient(var(--ink), var(--ink)) center / 100% 1.5px no-repeat; }
.note { border-left: 3px solid var(--error); padding-left: 10px; }
.claims { padding: 0; list-style: none; }
.claims > li { border: 1px solid var(--line); border-radius: 8px; padding: 12px 16px; margin: 10px 0; }
.verdict { font-weight: 600; }
.holds { color: var(--good); } .fails, .partly { color: var(--bad); } .not-measured { color: var(--soft); }
.claims li, figcaption { overflow-wrap: anywhere; }
.claims ul { margin: 6px 0; padding-left: 20px; }
summary { cursor: pointer; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 480px), 1fr)); gap: 20px 32px; }
figure { margin: 12px 0; min-width: 0; max-width: 680px; }
figcaption { font-weight: 600; margin-bottom: 6px; }
figure > svg { width: 100%; height: auto; display: block; }
svg text { fill: var(--soft); font-family: system-ui, sans-serif; }
.grid { stroke: var(--line); }
.line:hover { stroke-width: 4; }
.mark { stroke: var(--soft); stroke-dasharray: 4 4; } svg .mark-label { fill: var(--ink); font-weight: 600; }
.dot { stroke: var(--paper); stroke-width: 1.5; }
.reading { fill: transparent; } .reading:hover { fill: var(--soft); opacity: 0.25; }
.legend { list-style: none; padding: 0; margin: 6px 0 0; display: flex; flex-wrap: wrap; gap: 2px 18px; font-size: 13px; }
.legend .bold { font-weight: 600; }
.legend svg { vertical-align: middle; margin-right: 6px; }
.legend label { cursor: pointer; }
.legend input { width: 14px; height: 14px; margin: 0 6px 0 0; vertical-align: -2px; accent-color: var(--effort); }
.legend li:has(input:not(:checked)) { color: var(--soft); text-decoration: line-through; }
${LEGEND_STYLE}
.samples td { text-align: center; white-space: normal; min-width: 112px; }
.samples td, .samples th { padding: 8px; }
.samples thead th:not(:first-child) { text-align: center; }
.pair { display: flex; gap: 6px; justify-content: center; }
.samples img { width: 84px; height: 84px; image-rendering: pixelated; border: 1px solid var(--line); display: block; }
.sound { width: 160px; }
.sound svg { width: 160px; height: 44px; display: block; fill: currentColor; }
.samples .sound img { width: 160px; height: 64px; image-rendering: auto; }
.sound audio { width: 160px; height: 32px; display: block; margin-top: 2px; }
.features { margin: 0; font-size: 12px; text-align: left; }
.features > div { display: flex; justify-content: space-between; gap: 12px; }
.features strong { font-size: inherit; }
.features dd { margin: 0; font-variant-numeric: tabular-nums; text-align: right; }
.taken { font-size: 12px; margin-top: 4px; }
#robustness-curves summary { font-weight: 600; margin-top: 14px; }
details.model { margin: 8px 0; } details.model > summary { font-weight: 600; }
@media (max-width: 640px) {
  main { padding: 20px 16px 48px; }
  .robustness th, .robustness td { padding: 6px 8px; }
  .robustness { font-size: 14px; }
  .robustness tbody th:first-child { min-width: 112px; max-width: 150px; }
  .robustness .group span { display: inline-block; max-width: calc(100vw - 48px); left: 8px; }
  .robustness .component th { padding-left: 20px; }
  .share { flex-direction: column-reverse; align-items: flex-end; gap: 3px; }
  .bar { width: 84px; height: 6px; } .bar i { height: 10px; }
}
@media print { details:not([open]) > *:not(summary) { display: revert; } }
`;
