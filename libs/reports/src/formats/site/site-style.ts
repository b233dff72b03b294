/** What pages of a site have besides those of a report. */
export const SITE_STYLE = `
header.site { border-bottom: 1px solid var(--line); padding: 10px 24px; display: flex; flex-wrap: wrap; gap: 4px 24px; align-items: baseline; }
header.site > a { font-weight: 600; color: inherit; text-decoration: none; overflow-wrap: anywhere; }
header.site nav { gap: 4px 18px; }
header.site nav a { margin: 0; text-decoration: none; color: var(--soft); }
header.site nav a:hover { color: var(--ink); text-decoration: underline; }
header.site nav a[aria-current] { color: var(--ink); border-bottom: 2px solid var(--effort); }
a { color: var(--link); }
:root { --link: light-dark(#0b57a8, #7ab4f0); }
.attacked { border: 1px solid var(--line); border-radius: 8px; padding: 4px 16px 14px; margin: 12px 0; }
.attacked h3 { margin-top: 12px; overflow-wrap: anywhere; }
.three { display: grid; grid-template-columns: repeat(3, minmax(0, 200px)); gap: 14px; margin: 10px 0; }
.three figure { margin: 0; }
.three img { width: 100%; aspect-ratio: 1; image-rendering: pixelated; border: 1px solid var(--line); display: block; }
.three figcaption, .sounds figcaption { font-size: 12px; font-weight: 400; margin-top: 4px; color: var(--soft); }
.three figcaption strong, .sounds figcaption strong { display: block; color: var(--ink); }
.sounds { display: flex; flex-wrap: wrap; gap: 16px; margin: 10px 0; }
.sounds figure { margin: 0; width: 260px; max-width: 100%; }
.sounds .sound, .sounds .sound svg, .sounds .sound img, .sounds .sound audio { width: 100%; }
.known { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 300px), 1fr)); gap: 8px 32px; align-items: start; }
.known figure { max-width: 460px; }
.known h4 { font-size: 13px; margin: 10px 0 4px; }
.known svg text { fill: var(--ink); }
.known dl { margin: 6px 0; max-width: 280px; grid-template-columns: 1fr max-content; }
.known dd { text-align: right; font-variant-numeric: tabular-nums; }
.key { font-size: 12px; color: var(--soft); }
.key i { display: inline-block; width: 10px; height: 10px; margin-right: 5px; border-radius: 2px; }
.key span { margin-right: 12px; }
@media (max-width: 640px) { header.site { padding: 10px 16px; } .three { gap: 8px; } }
`;
