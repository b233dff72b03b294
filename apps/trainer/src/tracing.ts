import type { StepTrace } from '@rampart/experiments';
import type { RunRecord } from '@rampart/results';

/** What is told of the work of this process to a receiver of OpenTelemetry. */
export interface Tracing extends StepTrace {
  /** Does the work of a run, of which it is told when there is one. */
  run(name: string, work: (opened: (run: RunRecord) => void) => Promise<RunRecord>): Promise<RunRecord>;
  /** Sends what was not sent yet. */
  close(): Promise<void>;
}

const NONE: Tracing = {
  step: (_, work) => work(),
  carrier: () => undefined,
  run: (_, work) => work(() => undefined),
  close: () => Promise.resolve(),
};

/** Begins to trace where the variables of OpenTelemetry name a receiver of spans; loads nothing otherwise. */
export async function startTracing(): Promise<Tracing> {
  if (!isWanted(process.env)) return NONE;
  const { openTracing } = await import('./open-tracing.js');
  return openTracing();
}

function isWanted(env: Readonly<Record<string, string | undefined>>): boolean {
  const receiver = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] || env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  const refused = env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true' || env['OTEL_TRACES_EXPORTER'] === 'none';
  return Boolean(receiver) && !refused;
}
