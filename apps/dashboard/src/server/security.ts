/**
 * Why a request is refused, if it is. The page is made for the browsers of this machine: a name that merely resolves
 * to it (DNS rebinding) and another site's script have no business here.
 * RAMPART_HOSTS lists further host names, parted by commas, under which the dashboard is served with a token.
 */
export function refusal(headers: Headers, method: string): string | undefined {
  const host = hostName(headers.get('host') ?? '');
  if (!allowedHosts().has(host)) {
    return `This dashboard does not serve the host "${host}". Open it under the address that was printed when it started.`;
  }
  if (method === 'GET' || method === 'HEAD') return undefined;
  const site = headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin' && site !== 'none') return 'Requests from other sites are refused.';
  const origin = headers.get('origin');
  if (origin !== null && !sameHost(origin, headers.get('host') ?? '')) return 'Requests from other sites are refused.';
  return undefined;
}

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

/** Other names than this machine's own only where a token is asked for. */
function allowedHosts(): Set<string> {
  const further = (process.env['RAMPART_TOKEN'] ? (process.env['RAMPART_HOSTS'] ?? '') : '')
    .split(',')
    .map((host) => host.trim().toLowerCase());
  return new Set([...LOOPBACK, ...further.filter((host) => host !== '')]);
}

function hostName(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase();
}

function sameHost(origin: string, host: string): boolean {
  try {
    return new URL(origin).host.toLowerCase() === host.toLowerCase();
  } catch {
    return false;
  }
}

/** The headers of every answer. */
export function securityHeaders(nonce: string, development: boolean): Record<string, string> {
  const policy = [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${development ? " 'unsafe-eval'" : ''}`,
    // Positions and widths are inline styles; no style can be injected without a script.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    // Sounds come with the answer that shows them.
    "media-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
  ];
  return {
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
  };
}
