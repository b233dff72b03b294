import type { GateFigure, GateResult } from '@rampart/experiments';

import { verdictText } from './verdict-text';

const FIGURE: GateFigure = {
  ...{ threat: 'linf(0.1)', verdict: 'pass', instances: 200, robustAtLeast: 117, robustAtMost: 117 },
  ...{ low: 0.516, high: 0.651, needed: undefined, open: [], baseline: undefined },
};

const told = (over: Partial<GateFigure>, atLeast = 0.45, early = false) => {
  const figure = { ...FIGURE, ...over };
  return verdictText({ verdict: figure.verdict, figures: [figure], early }, atLeast);
};

describe('verdictText', () => {
  it('tells the figure with its interval and where it lies', () => {
    expect(told({})).toBe('pass: linf(0.1) 58.5% (95% interval 51.6 to 65.1) of 200 instances, at least 45.0%.');
    expect(told({ verdict: 'fail' }, 0.7)).toMatch(/ of 200 instances, below 70\.0%\.$/);
  });

  it('tells how many instances would tell', () => {
    const inconclusive = { verdict: 'inconclusive', needed: 777 } as const;
    expect(told(inconclusive, 0.55)).toMatch(
      /not shown to be at least 55\.0%, which 777 instances would tell at 58\.5%\.$/,
    );
    expect(told({ ...inconclusive, needed: Infinity }, 0.585)).toMatch(
      /which no number of instances would tell at 58\.5%\.$/,
    );
  });

  it('tells of a run that ended early what was certain', () => {
    const fail = { verdict: 'fail', robustAtLeast: 0, robustAtMost: 160, low: 0, high: 0.85 } as const;
    expect(told(fail, 0.9, true)).toBe(
      'fail: linf(0.1) 80.0% or less (95% interval up to 85.0) of 200 instances, below 90.0%. Ended early: nothing that is left can change this.',
    );
    const pass = { robustAtLeast: 130, robustAtMost: 190, low: 0.58, high: 0.98 };
    expect(told(pass, 0.45, true)).toMatch(
      /^pass: linf\(0\.1\) 65\.0% or more \(95% interval from 58\.0\) of 200 instances, at least 45\.0%\. Ended/,
    );
    // Another threat was certain first.
    const open = { verdict: 'inconclusive', robustAtLeast: 0, robustAtMost: 190, low: 0, high: 0.98 } as const;
    expect(told(open, 0.9, true)).toContain(
      '95.0% or less (95% interval up to 98.0) of 200 instances, 90.0% asked for',
    );
  });

  it('tells what leaves a figure not established, and how it compares with a baseline', () => {
    const finding = {
      audit: 'zero-gradient',
      severity: 'high',
      summary: 'The gradient is zero.',
      evidence: {},
    } as const;
    const open = [{ ...finding, remedies: [], resolved: false }];
    const baseline = { onlyBaseline: 12, onlyModel: 1, p: 0.0034, worse: true };
    expect(told({ verdict: 'fail', open, baseline })).toMatch(
      /, not established, zero-gradient: The gradient is zero, worse than the baseline \(12 instances fall that it kept, 1 the other way, McNemar p = 0\.0034\)\.$/,
    );
    expect(told({ baseline: { ...baseline, p: 1e-5, worse: false } })).toMatch(
      /not worse than the baseline by more than noise \(.* McNemar p = 1\.0e-5\)\.$/,
    );
  });

  it('is one line, with every threat', () => {
    const result: GateResult = {
      ...{ verdict: 'fail', early: false },
      figures: [FIGURE, { ...FIGURE, threat: 'l2(1)', verdict: 'fail', high: 0.4, low: 0.3 }],
    };
    expect(verdictText(result, 0.45)).toMatch(
      /^fail: linf\(0\.1\) [^\n]* at least 45\.0%; l2\(1\) [^\n]* below 45\.0%\.$/,
    );
  });
});
