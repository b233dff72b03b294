import { checkPlugin, type ComponentVerdict } from '@rampart/experiments';

import { EXIT_FAILED, ExitCode } from '../exit-code';
import { untilInterrupted } from '../until-interrupted';

export interface CheckOptions {
  readonly component?: readonly string[];
  readonly dataDir?: string;
  readonly timeLimit: number;
  readonly json?: boolean;
}

/** `rampart check`. */
export async function check(reference: string, options: CheckOptions): Promise<void> {
  const interrupt = untilInterrupted();
  try {
    const verdict = await checkPlugin(reference, {
      folder: process.cwd(),
      timeLimit: options.timeLimit,
      signal: interrupt.signal,
      ...(options.component === undefined ? {} : { components: options.component }),
      ...(options.dataDir === undefined ? {} : { dataDir: options.dataDir }),
      ...(options.json ? {} : { onComponent: print }),
    });
    if (options.json) process.stdout.write(`${JSON.stringify(verdict, null, 2)}\n`);
    const broken = verdict.components.flatMap(({ laws }) => laws).filter((law) => law.verdict !== 'kept').length;
    if (!options.json) {
      const judged = `${verdict.components.length} component${verdict.components.length === 1 ? '' : 's'}`;
      process.stdout.write(
        `${verdict.name} ${verdict.version}, ${judged}: ${broken === 0 ? 'every law is kept' : `${broken} laws are not kept`}\n`,
      );
    }
    if (broken > 0) throw new ExitCode(EXIT_FAILED);
  } finally {
    interrupt.dispose();
  }
}

const MARKS = { kept: 'kept  ', broken: 'BROKEN', 'not judged': '-     ' } as const;

function print({ kind, label, laws }: ComponentVerdict): void {
  process.stdout.write(`${kind} ${label}\n`);
  for (const law of laws) {
    process.stdout.write(`  ${MARKS[law.verdict]}  ${law.name}${law.message ? `\n          ${law.message}` : ''}\n`);
  }
}
