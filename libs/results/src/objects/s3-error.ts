import { isRampartError, messageOf, RampartError } from '@rampart/core';

const CREDENTIALS =
  'Check the credentials (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE) and what they may do.';
const SERVER = 'Check AWS_ENDPOINT_URL, the network, and that the server runs; then run the same command again.';

/** What each code of the protocol or of the system asks for. */
const ADVICE: Readonly<Record<string, string>> = {
  NoSuchBucket: 'Make the bucket, or name another with --artifacts.',
  InvalidBucketName: 'Name another bucket with --artifacts.',
  InvalidAccessKeyId: CREDENTIALS,
  SignatureDoesNotMatch: CREDENTIALS,
  AccessDenied: CREDENTIALS,
  ExpiredToken: CREDENTIALS,
  CredentialsProviderError: CREDENTIALS,
  AuthorizationHeaderMalformed: 'Check AWS_REGION: it has to be the region of the bucket.',
  PermanentRedirect: 'Check AWS_REGION: it has to be the region of the bucket.',
  ECONNREFUSED: SERVER,
  ECONNRESET: SERVER,
  ENOTFOUND: SERVER,
  ETIMEDOUT: SERVER,
  EHOSTUNREACH: SERVER,
  TimeoutError: SERVER,
  BadDigest: 'What was sent was damaged on its way: run the same command again.',
  InsufficientStorage: 'The server has no room left: make some and run the same command again.',
  EntityTooLarge: 'The server takes no object of that size.',
};

/** The error of a server as ours, with what can be done about it. What was not stored is not recorded either. */
export function s3Error(error: unknown, location: string): RampartError {
  if (isRampartError(error)) return error;
  const code = codeOf(error);
  const words = messageOf(error)
    .replace(/^AWS SDK error wrapper for Error: /, '')
    .replace(/\.+$/, '');
  const said = code === 'Error' || words.includes(code) ? words : `${code}: ${words}`;
  return new RampartError({
    code: 'unavailable',
    message: `The files in ${location} cannot be reached: ${said}. ${ADVICE[code] ?? adviceOn(statusOf(error))}`,
    cause: error,
  });
}

/** Servers have codes of their own; what kind of failure it is they say all alike. */
function adviceOn(status: number | undefined): string {
  if (status === undefined) return SERVER;
  if (status < 500) return CREDENTIALS;
  return 'The server failed: see its log and whether its disk is full; then run the same command again.';
}

/** What the protocol, or else the system, calls it. */
export function codeOf(error: unknown): string {
  const { name, code } = error as { readonly name?: string; readonly code?: unknown };
  return typeof code === 'string' ? code : (name ?? 'Error');
}

function statusOf(error: unknown): number | undefined {
  return (error as { readonly $metadata?: { readonly httpStatusCode?: number } }).$metadata?.httpStatusCode;
}
