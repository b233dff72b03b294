const { sep } = require('node:path');

const { default: Sequencer } = require('@jest/test-sequencer');

/** What takes longest, in this order: begun last, one of them would keep one processor busy while the others are idle. */
const LONGEST = [
  'acceptance/quickstart',
  'reference/nearest',
  'browser/dashboard',
  'audits/planted',
  'browser/steer',
  'audits/honest',
  'components/generators',
  'browser/robustness',
  'reference/autoattack',
  'components/packed',
  'components/plugins',
];

/** Jest goes by how long suites took the last time, which a fresh clone does not know, and else by their length. */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const at = LONGEST.findIndex((name) => path.split(sep).join('/').endsWith(`/${name}.spec.ts`));
      return at < 0 ? LONGEST.length : at;
    };
    return super.sort(tests).sort((a, b) => rank(a) - rank(b));
  }
};
