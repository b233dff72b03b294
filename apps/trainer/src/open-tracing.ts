import { hostname } from 'node:os';

import {
  type Attributes,
  type Context,
  context,
  diag,
  DiagLogLevel,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { isRampartError, messageOf } from '@rampart/core';
import { CORE_VERSION, type TracedStep } from '@rampart/experiments';

import type { Tracing } from './tracing';

const INSIDE = { kind: SpanKind.INTERNAL, attributes: {} };

/**
 * Has spans sent to a receiver of OTLP over HTTP, as OpenTelemetry's own variables say: of runs, of steps, and of what
 * the queue does, which finds the provider by itself.
 */
export function openTracing(): Tracing {
  const say = sayOnce();
  diag.setLogger(
    { error: say, warn: say, info: silent, debug: silent, verbose: silent },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  const own = { 'service.name': 'rampart', 'service.version': CORE_VERSION };
  const process_ = { 'host.name': hostname(), 'process.pid': process.pid };
  const resource = resourceFromAttributes({ ...own, ...process_ }).merge(detectResources({ detectors: [envDetector] }));
  const spanProcessors = [new BatchSpanProcessor(new OTLPTraceExporter())];
  const provider = new NodeTracerProvider({ resource, spanProcessors });
  provider.register();
  const tracer = provider.getTracer('rampart', CORE_VERSION);

  const spanning = <T>(
    name: string,
    { kind, attributes, parent }: { kind: SpanKind; attributes: Attributes; parent: Context },
    work: (span: Span) => Promise<T>,
  ): Promise<T> =>
    tracer.startActiveSpan(name, { kind, attributes }, parent, async (span) => {
      try {
        return await work(span);
      } catch (error) {
        // That it was taken away is no error of a step.
        const cancelled = isRampartError(error) && error.code === 'cancelled';
        end(span, cancelled ? 'cancelled' : 'failed', messageOf(error));
        throw error;
      } finally {
        span.end();
      }
    });

  return {
    run: (name, work) =>
      spanning(`run ${name}`, { ...INSIDE, parent: context.active() }, async (span) => {
        const run = await work(({ id }) => void span.setAttribute('rampart.run', id));
        end(span, run.state, run.error);
        return run;
      }),
    step(step, work) {
      const from = step.trace && propagation.extract(ROOT_CONTEXT, step.trace);
      const kind = from ? SpanKind.CONSUMER : SpanKind.INTERNAL;
      const how = { kind, attributes: attributesOf(step), parent: from ?? context.active() };
      return spanning(step.kind, how, async (span) => {
        const result = await work();
        end(span, 'done');
        return result;
      });
    },
    carrier() {
      const carrier: Record<string, string> = {};
      propagation.inject(context.active(), carrier);
      return Object.keys(carrier).length > 0 ? carrier : undefined;
    },
    async close() {
      // Waits as long as OTEL_EXPORTER_OTLP_TIMEOUT says.
      await provider.shutdown().catch((error: unknown) => say(messageOf(error)));
      // The next run of this process has a provider of its own.
      for (const global of [trace, context, propagation]) global.disable();
    },
  };
}

function attributesOf({ run, key, kind, label, about }: TracedStep): Attributes {
  return {
    ...{ 'rampart.run': run, 'rampart.step': key, 'rampart.kind': kind, 'rampart.label': label },
    ...(about?.model !== undefined && { 'rampart.model': about.model }),
    ...(about?.attack !== undefined && { 'rampart.attack': about.attack }),
  };
}

function end(span: Span, state: string, message?: string): void {
  span.setAttribute('rampart.state', state);
  if (state === 'failed') span.setStatus({ code: SpanStatusCode.ERROR, ...(message !== undefined && { message }) });
}

/** Nothing fails because nobody takes its spans, and it is said once. */
function sayOnce(): (message: string) => void {
  let said = false;
  return (message) => {
    if (!said) process.stderr.write(`rampart: warning: spans are lost: ${plain(message)}\n`);
    said = true;
  };
}

/** The SDK tells of errors as JSON. */
function plain(message: string): string {
  try {
    return (JSON.parse(message) as { readonly message?: string }).message ?? message;
  } catch {
    return message;
  }
}

function silent(): void {
  // What is no trouble is not said.
}
