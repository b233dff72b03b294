import { isRampartError, messageOf, plainly } from '@rampart/core';
import type { Role, Store } from '@rampart/results';
import { initTRPC, TRPCError } from '@trpc/server';
import superjson from 'superjson';
import { ZodError } from 'zod';

import { withoutPaths } from './without-paths';

/** Who asks. */
export interface Visitor {
  /** The name of a token, or what a process calls its own user. */
  readonly name: string;
  readonly role: Role;
}

/** What every procedure is given. */
export interface ApiContext {
  readonly store: Store;
  /** The user of this machine, who may do everything, where nobody is named. */
  readonly visitor?: Visitor | undefined;
  /** Told about every error that is not the caller's. */
  readonly onError?: (error: unknown) => void;
}

const t = initTRPC.context<ApiContext>().create({
  transformer: { serialize: (value: unknown) => superjson.serialize(value), deserialize },
  isDev: false,
  sse: {
    ping: { enabled: true, intervalMs: 5_000 },
    client: { reconnectAfterInactivityMs: 20_000 },
  },
  errorFormatter: ({ shape, error }) => ({
    ...shape,
    message: messageFor(error),
  }),
});

/** What the product says is for its users, without places of this machine; what a library says may quote its code. */
function messageFor({ code, cause, message }: TRPCError): string {
  if (cause === undefined || isRampartError(cause)) return withoutPaths(message);
  if (cause instanceof ZodError) return malformed(cause);
  return code === 'INTERNAL_SERVER_ERROR' ? 'Something failed.' : 'The request is malformed.';
}

/** The first thing that is wrong with an input, with its place. */
function malformed({ issues }: ZodError): string {
  const [issue] = issues;
  if (!issue) return 'The request is malformed.';
  const said = plainly({ ...issue, input: undefined } as Parameters<typeof plainly>[0]) ?? issue.message;
  return `${issue.path.length > 0 ? `${issue.path.join('.')}: ` : ''}${said}.`;
}

/** @throws TRPCError `BAD_REQUEST` for what no client of this API sends */
function deserialize(value: unknown): unknown {
  if (typeof value === 'object' && value !== null && 'json' in value) {
    return superjson.deserialize(value as unknown as Parameters<typeof superjson.deserialize>[0]);
  }
  throw new TRPCError({ code: 'BAD_REQUEST', message: 'The request is malformed.' });
}

/** What a visitor is told who may look and nothing else. */
export const MAY_NOT_WRITE = 'Your token lets you look, not change anything. Ask for one with the role "write".';

export const router = t.router;
export const createCallerFactory = t.createCallerFactory;

/** Whoever asks where nobody is named: there is no way here but from this machine. */
export const LOCAL: Visitor = { name: 'local', role: 'write' };

/** Leaves changes to those who may write, with a note of who made each; turns the product's errors into the protocol's. */
export const procedure = t.procedure.use(async ({ next, ctx, type, path, getRawInput }) => {
  const { name, role } = ctx.visitor ?? LOCAL;
  if (type === 'mutation' && role !== 'write') throw new TRPCError({ code: 'FORBIDDEN', message: MAY_NOT_WRITE });
  const result = await next();
  // What is looked at while somebody types changes nothing.
  if (type === 'mutation' && result.ok && path !== 'experiments.check') {
    const subject = JSON.stringify((await getRawInput()) ?? null);
    await ctx.store.writes.note({ author: name, action: path, subject });
  }
  if (result.ok) return result;
  const { cause } = result.error;
  if (isRampartError(cause)) {
    throw new TRPCError({ code: statusOf(cause.code), message: withoutPaths(cause.message), cause });
  }
  if (result.error.code === 'INTERNAL_SERVER_ERROR') ctx.onError?.(cause ?? messageOf(result.error));
  return result;
});

function statusOf(code: string): TRPCError['code'] {
  switch (code) {
    case 'usage':
      return 'BAD_REQUEST';
    case 'bad-data':
    case 'bad-model':
      return 'UNPROCESSABLE_CONTENT';
    case 'store':
    case 'missing':
    case 'damaged':
    case 'unavailable':
      return 'SERVICE_UNAVAILABLE';
    case 'cancelled':
      return 'CLIENT_CLOSED_REQUEST';
    default:
      return 'INTERNAL_SERVER_ERROR';
  }
}

/** The error for something that the store does not have. */
export function notFound(what: string): TRPCError {
  return new TRPCError({ code: 'NOT_FOUND', message: what });
}
