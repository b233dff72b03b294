import { isRampartError, messageOf, RampartError } from '@rampart/core';

const UNKNOWN_AUTHORITY =
  'Nobody known vouches for its certificate: name that of the authority with ?sslrootcert=FILE in the address, or NODE_EXTRA_CA_CERTS.';

/** What PostgreSQL's error codes, and those of the network, ask for. */
const ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Is PostgreSQL running there? Check host and port of the address.',
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  ERR_TLS_CERT_ALTNAME_INVALID: 'Its certificate is for other names: check the host of the address.',
  CERT_HAS_EXPIRED: 'Its certificate has to be renewed.',
  ENOENT: 'Is PostgreSQL running there? Check the folder of its socket.',
  ENOTFOUND: 'No machine has this name: check the host of the address.',
  EAI_AGAIN: 'The name could not be looked up: check the host of the address and the network.',
  ETIMEDOUT: 'Nothing answers there: check host, port and firewalls.',
  '28P01': 'Check user and password of the address.',
  '28000': 'Check user and password of the address, and whether the server lets this machine in (pg_hba.conf).',
  '3D000': 'Make the database first, with "createdb", or name another one.',
  '3F000': 'Make the schema first, or name another one.',
  '42501': 'Give the user rights to this database and its schema, or name another user.',
  '53100': "The server's disk is full; free some room there and run the same command again.",
  '53300':
    'The server has too many connections: raise max_connections, put PgBouncer in between, or end other programs.',
  '25006': 'The server takes no changes at present: it is a copy, or was made read-only.',
};

/** A database or schema that somebody named. */
const MISSING = ['3D000', '3F000'];

/** What to do about a server that went away, or is not there yet. */
const LOST = 'Run the same command again when the server is back.';

/** The error of PostgreSQL or of the connection to it as ours, with what can be done about it. */
export function postgresError(error: unknown, what: string): RampartError {
  if (isRampartError(error)) return error;
  const code = codeOf(error);
  const advice = ADVICE[code] ?? (isLost(error) ? LOST : `While doing: ${what.slice(0, 120)}`);
  return new RampartError({
    code: MISSING.includes(code) ? 'missing' : 'store',
    message: `The store's server failed: ${saidBy(error)}. ${advice}`,
    cause: error,
  });
}

/** Whether the connection was lost or could not be had, rather than something refused. */
export function isLost(error: unknown): boolean {
  const code = codeOf(error);
  if (/^(08|57P0[123])/.test(code)) return true;
  if (/^(ECONNREFUSED|ECONNRESET|EPIPE|ENOENT|ETIMEDOUT)$/.test(code)) return true;
  return code === '' && /Connection terminated|connection is not queryable|timeout exceeded/i.test(messageOf(error));
}

/** Whether the same transaction may well succeed if it is tried again. */
export function isTransient(error: unknown): boolean {
  const cause = isRampartError(error) ? error.cause : error;
  return isLost(cause) || ['40001', '40P01'].includes(codeOf(cause));
}

/** Node puts the attempts at each address of a host together, and gives the whole no message. */
function saidBy(error: unknown): string {
  const errors = (error as { errors?: readonly unknown[] }).errors;
  return messageOf(errors?.[0] ?? error);
}

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : '';
}
