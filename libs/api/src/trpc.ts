import { isRampartError, messageOf } from '@rampart/core';
import type { Store } from '@rampart/results';
import { initTRPC, TRPCError } from '@trpc/server';
import superjson from 'superjson';

/** What every procedure is given. */
export interface ApiContext {
  readonly store: Store;
  /** Told about every error that is not the caller's. */
  readonly onError?: (error: unknown) => void;
}

const t = initTRPC.context<ApiContext>().create({
  transformer: superjson,
  isDev: false,
  sse: {
    ping: { enabled: true, intervalMs: 5_000 },
    client: { reconnectAfterInactivityMs: 20_000 },
  },
  errorFormatter: ({ shape, error }) => ({
    ...shape,
    // What the product says is for its users; what a library says may name files of this machine.
    message:
      error.code === 'INTERNAL_SERVER_ERROR' && !isRampartError(error.cause) ? 'Something failed.' : shape.message,
  }),
});

export const router = t.router;
export const createCallerFactory = t.createCallerFactory;

/** Turns the product's errors into those of the protocol. */
export const procedure = t.procedure.use(async ({ next, ctx }) => {
  const result = await next();
  if (result.ok) return result;
  const { cause } = result.error;
  if (isRampartError(cause)) throw new TRPCError({ code: statusOf(cause.code), message: cause.message, cause });
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
