import { isAbsolute, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

import { contentKey } from '@rampart/core';

import type { RobustFigure, RobustFigures } from './robust-figures';

/** How grave a figure is: `error` where it fails, `warning` where attacks find anything, `note` where they do not. */
type Level = 'error' | 'warning' | 'note';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

const RULES = [
  {
    id: 'not-established',
    name: 'RobustAccuracyNotEstablished',
    shortDescription: { text: 'An audit leaves the robust accuracy of the model standing on nothing.' },
    defaultConfiguration: { level: 'error' },
  },
  {
    id: 'robust-accuracy',
    name: 'RobustAccuracy',
    shortDescription: { text: 'How much of the test set the model gets right and keeps right under attack.' },
    fullDescription: {
      text: 'An error where it may be no better than a guess, a warning where attacks make the model err by more than noise, else a note.',
    },
    defaultConfiguration: { level: 'warning' },
  },
] as const;

/**
 * What a run says about models as a SARIF log, for code scanning: one result a model and threat, about the model's file.
 * @param base the folder that paths are relative to: the root of the sources
 * @param version of the tool
 * @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function sarifLog(
  { report, figures }: RobustFigures,
  fileOf: (figure: RobustFigure) => string,
  base: string,
  version: string,
) {
  const { run } = report;
  const classes = Math.max(2, run.images?.classes.length ?? 2);
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Rampart', version, rules: RULES } },
        automationDetails: { id: `rampart/${run.name}/${run.id}` },
        invocations: [{ executionSuccessful: run.state === 'done' }],
        originalUriBaseIds: { SRCROOT: { uri: `${pathToFileURL(base).href.replace(/\/$/, '')}/` } },
        columnKind: 'utf16CodeUnits',
        results: figures.map((one) => {
          const { threat, figure, open } = one;
          const ruleId = figure.established ? 'robust-accuracy' : 'not-established';
          const { low, high } = figure.robustAccuracy;
          return {
            ruleId,
            ruleIndex: RULES.findIndex(({ id }) => id === ruleId),
            level: levelOf(one, classes),
            message: { text: textOf(one) },
            locations: [{ physicalLocation: { artifactLocation: artifactLocation(fileOf(one), base) } }],
            partialFingerprints: { 'modelAndThreat/v1': contentKey({ model: figure.model, threat: threat.threat }) },
            properties: {
              model: figure.model,
              threat: threat.threat,
              cleanAccuracy: figure.cleanAccuracy.value,
              robustAccuracy: figure.robustAccuracy.value,
              ...(low !== undefined && high !== undefined && { low, high }),
              instances: figure.instances,
              attacks: figure.attacks.filter(({ component }) => component === undefined).map(({ attack }) => attack),
              findings: open.map(({ audit, severity, summary }) => ({ audit, severity, summary })),
            },
          };
        }),
      },
    ],
  };
}

function levelOf({ figure }: RobustFigure, classes: number): Level {
  const { value, low = value, high = value } = figure.robustAccuracy;
  if (!figure.established || low <= 1 / classes) return 'error';
  return high < figure.cleanAccuracy.value ? 'warning' : 'note';
}

function textOf({ threat, figure, open }: RobustFigure): string {
  const { value, low, high } = figure.robustAccuracy;
  const bounds = low === undefined || high === undefined ? '' : ` (95% interval ${bare(low)} to ${bare(high)})`;
  const told = `Robust accuracy of ${figure.model} under ${threat.threat}: ${bare(value)}%${bounds} of ${figure.instances} test instances, ${bare(figure.cleanAccuracy.value)}% without an attack.`;
  if (figure.established) return told;
  const grave = open.filter(({ severity }) => severity === 'high');
  return `Not established. ${grave.map(({ audit, summary }) => `${audit}: ${summary}`).join(' ')} ${told}`;
}

/** Relative to the root of the sources where the file is below it. */
function artifactLocation(file: string, base: string): { readonly uri: string; readonly uriBaseId?: string } {
  const path = relative(base, file);
  if (path.startsWith('..') || isAbsolute(path)) return { uri: pathToFileURL(file).href };
  return { uri: path.split(sep).map(encodeURIComponent).join('/'), uriBaseId: 'SRCROOT' };
}

function bare(value: number): string {
  return (100 * value).toFixed(2);
}
