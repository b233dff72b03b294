import { randomBytes } from 'node:crypto';
import { hostname, networkInterfaces } from 'node:os';

import { InvalidArgumentError, Option } from 'commander';

/** Where the dashboard listens, as options say it. */
export interface ListeningOptions {
  readonly host: string;
  readonly port: number;
  readonly token?: string | undefined;
}

/** Where the dashboard listens, and who may come. */
export interface Listening {
  readonly host: string;
  /** What has to be shown; undefined where only this machine can come. */
  readonly token: string | undefined;
  /** Host names, besides those of this machine alone, under which it may be asked for. */
  readonly names: readonly string[];
  /** The address to open in a browser: with the token, which the server turns into a cookie. */
  address(port: number): string;
  /** The address to ask whether it is up. */
  probe(port: number): string;
}

/** `--host ADDRESS`: where the dashboard listens. */
export function hostOption(): Option {
  return new Option('--host <address>', 'where the dashboard listens; anything but this machine needs a token')
    .default('127.0.0.1')
    .argParser((value: string) => {
      if (/^[\w.:-]+$/.test(value)) return value.toLowerCase();
      throw new InvalidArgumentError('Expected an address or a name of this machine, such as 0.0.0.0.');
    });
}

/** `--token TEXT`: what visitors have to show. */
export function tokenOption(): Option {
  return new Option('--token <text>', 'what visitors have to show (default: a random one where --host needs it)')
    .env('RAMPART_TOKEN')
    .argParser((value: string) => {
      if (/^[\w-]{16,200}$/.test(value) && new Set(value).size >= 8) return value;
      throw new InvalidArgumentError(
        'Expected 16 to 200 letters, digits, dashes and underscores, 8 of them different.',
      );
    });
}

/** Settles who may come: everybody on this machine, or whoever has the token. */
export function listening({ host, token }: ListeningOptions): Listening {
  const alone = host === 'localhost' || host === '::1' || host.startsWith('127.');
  const everywhere = host === '0.0.0.0' || host === '::';
  const needed = token ?? (alone ? undefined : randomBytes(24).toString('base64url'));
  const own = everywhere ? ownNames() : [];
  const further = (process.env['RAMPART_HOSTS'] ?? '').split(',').filter((name) => name.trim() !== '');
  const shown = everywhere ? (own[0] ?? '127.0.0.1') : inAddress(host);
  return {
    host,
    token: needed,
    names: [...(everywhere ? own : [inAddress(host)]), ...further],
    address: (port) => `http://${shown}:${port}${needed === undefined ? '' : `/?token=${needed}`}`,
    probe: (port) => `http://${host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : inAddress(host)}:${port}`,
  };
}

/** What others may call this machine: its addresses, those of version 4 first, and its name. */
function ownNames(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((one) => one ?? []);
  const outside = addresses.filter((one) => !one.internal && !one.address.startsWith('fe80:'));
  const sorted = outside.sort((a, b) => a.family.localeCompare(b.family));
  return [...sorted.map((one) => inAddress(one.address)), hostname().toLowerCase()];
}

function inAddress(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
