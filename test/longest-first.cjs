const { relative, sep } = require('node:path');

const { default: Sequencer } = require('@jest/test-sequencer');

/** What takes longest, in this order: begun last, one of them would keep one processor busy while the others are idle. */
const LONGEST = [
  'acceptance/quickstart',
  'reference/nearest',
  'browser/dashboard',
  'audits/planted',
  'audits/honest',
  'components/generators',
  'browser/robustness',
  'components/plugins',
  'integration/limits',
  'components/packed',
  'browser/steer',
  'reliability/chaos',
  'integration/device',
  'components/contributing',
  'integration/damage',
  'reference/autoattack',
];

/**
 * Jest goes by how long suites took the last time, which a fresh clone does not know, and else by their length. Those of
 * the projects, which take seconds, come last: they fill the time in which the last of the others keeps a processor busy.
 */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const name = relative(__dirname, path).split(sep).join('/');
      if (name.startsWith('..')) return LONGEST.length + 1;
      const at = LONGEST.indexOf(name.replace(/\.spec\.ts$/, ''));
      return at < 0 ? LONGEST.length : at;
    };
    return super.sort(tests).sort((a, b) => rank(a) - rank(b));
  }
};
