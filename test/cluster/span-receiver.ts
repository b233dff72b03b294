import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span as it was received, with the attributes that are texts. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly name: string;
  /** The library that made it, and the service that sent it. */
  readonly scope: string;
  readonly service: string;
  readonly attributes: Readonly<Record<string, string>>;
}

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}

/** The body of a request, as the protocol's JSON has it. */
interface TraceRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly {
      readonly scope: { readonly name: string };
      readonly spans: readonly {
        readonly traceId: string;
        readonly name: string;
        readonly attributes: readonly Attribute[];
      }[];
    }[];
  }[];
}

/** The other end of OTLP over HTTP: takes spans as JSON at `/v1/traces`, and keeps them. */
export class SpanReceiver {
  readonly spans: ReceivedSpan[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<SpanReceiver> {
    const server = createServer();
    const receiver = new SpanReceiver(server);
    server.on('request', (request, response) => {
      void receiver.take(request).then((status) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return receiver;
  }

  /** What a process needs to send its spans here. */
  get environment(): Record<string, string> {
    const { port } = this.server.address() as AddressInfo;
    return { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` };
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  /** @returns the status of the answer */
  private async take(request: IncomingMessage): Promise<number> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    if (request.method !== 'POST' || request.url !== '/v1/traces') return 404;
    if (request.headers['content-type'] !== 'application/json') return 415;
    const { resourceSpans } = JSON.parse(Buffer.concat(parts).toString()) as TraceRequest;
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = texts(resource.attributes)['service.name'] ?? '';
      for (const { scope, spans } of scopeSpans) {
        for (const { traceId, name, attributes } of spans) {
          this.spans.push({ traceId, name, scope: scope.name, service, attributes: texts(attributes) });
        }
      }
    }
    return 200;
  }
}

function texts(attributes: readonly Attribute[]): Record<string, string> {
  return Object.fromEntries(attributes.flatMap(({ key, value: { stringValue: text } }) => (text ? [[key, text]] : [])));
}
