import { formatShape, sampleShape } from '@rampart/core';
import { inspectFile, type Inspection, parsePreprocess, readFeeds } from '@rampart/experiments';
import { textTable } from '@rampart/reports';

import { EXIT_FAILED, ExitCode } from '../exit-code';
import { terminal } from '../terminal';

export interface InspectArguments {
  readonly preprocess?: string;
  readonly output?: string;
  readonly positiveIndex?: number;
  readonly feed?: readonly string[];
  readonly attackAt?: string;
  /** Sizes of one sample. */
  readonly shape?: readonly number[];
  readonly json?: boolean;
}

/** `rampart inspect`. */
export async function inspect(file: string, options: InspectArguments): Promise<void> {
  const { preprocess, output, positiveIndex, feed, attackAt, shape, json } = options;
  const inspection = await inspectFile(file, {
    ...(preprocess !== undefined && { preprocess: parsePreprocess(preprocess) }),
    ...(output !== undefined && { output }),
    ...(positiveIndex !== undefined && { positiveIndex }),
    ...(feed && { held: readFeeds(feed) }),
    ...(attackAt !== undefined && { attackAt }),
    ...(shape && { shape: sampleShape(shape) }),
  });
  process.stdout.write(json ? `${JSON.stringify(inspection, null, 2)}\n` : inspectionText(file, inspection));
  const problem = inspection.findings.find(({ level }) => level === 'problem');
  if (!problem) return;
  process.stderr.write(`rampart: ${file}: ${problem.text}\n`);
  throw new ExitCode(EXIT_FAILED);
}

const MARKS = { good: 'ok  ', note: 'note', problem: 'BAD ' } as const;

const GRADIENTS = { exact: 'exact', zero: 'zero by nature', missing: 'missing' } as const;

function inspectionText(file: string, inspection: Inspection): string {
  const { summary, inputs, outputs, classifier, opsets, producer, parameters, operators, findings } = inspection;
  const lines = [
    summary.is,
    summary.gradients,
    `${summary.next.replace('MODEL', file)}\n`,
    ...inputs.map((input) => `input       ${formatTensor(input)}`),
    ...outputs.map((output) => `output      ${formatTensor(output)}`),
    `opset       ${Object.entries(opsets)
      .map(([domain, version]) => `${domain} ${version}`)
      .join(', ')}`,
    `producer    ${producer || 'unknown'}`,
    `parameters  ${parameters.toLocaleString('en')}`,
  ];
  if (classifier) {
    lines.push(`layout      ${classifier.layout}, images of ${formatShape(classifier.image)}`);
    lines.push(`classes     ${classifier.classes}`);
  }
  const rows = operators.map(({ name, count, gradient }) => [name, count, GRADIENTS[gradient]]);
  lines.push(textTable(['operator', 'count', 'gradient'], rows, terminal()));
  for (const { level, text } of findings) lines.push(`${MARKS[level]}  ${text}`);
  return `${lines.join('\n')}\n`;
}

function formatTensor({ name, type, shape }: Inspection['inputs'][number]): string {
  return type === 'other' ? `${name}: no tensor` : `${name}: ${type}[${shape.join(', ')}]`;
}
