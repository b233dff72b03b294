import { createHash, timingSafeEqual } from 'node:crypto';

import type { Visitor } from '@rampart/api';
import { type NextRequest, NextResponse } from 'next/server';

import { store } from './store';

/** Cookies know hosts and no ports: two dashboards of one host have one each. */
function cookieOf(request: NextRequest): string {
  return `rampart-token-${/:(\d+)$/.exec(request.headers.get('host') ?? '')?.[1] ?? '80'}`;
}

/** What becomes of a request: an answer at once, or a visitor who is let in; undefined for the user of this machine. */
export type Admission = { readonly answer: NextResponse } | { readonly visitor: Visitor | undefined };

/**
 * With RAMPART_TOKEN set, which whoever listens elsewhere than on 127.0.0.1 has to do, answers everybody who has
 * neither it nor a token of the store. A visit with `?token=` is turned into a cookie, so that the token does not stay
 * in the address.
 */
export async function admit(request: NextRequest): Promise<Admission> {
  const own = process.env['RAMPART_TOKEN'];
  if (!own) return { visitor: undefined };
  if (!isFit(own)) {
    const headers = { ...HEADERS, 'content-type': 'text/plain' };
    return { answer: new NextResponse(UNFIT, { status: 500, headers }) };
  }
  // A token that is given twice is none: who knows which of them a reader on the way has looked at.
  const [given = null, ...more] = request.nextUrl.searchParams.getAll('token');
  if (given !== null && more.length === 0 && (await bearerOf(given, own))) {
    // The host as the visitor wrote it: the server's own idea of it is the address that it listens on.
    const scheme = request.headers.get('x-forwarded-proto') === 'https' ? 'https' : 'http';
    const origin = `${scheme}://${request.headers.get('host')}`;
    const address = new URL(request.nextUrl.pathname + request.nextUrl.search, origin);
    address.searchParams.delete('token');
    const response = NextResponse.redirect(address);
    // Lax: whoever follows a colleague's link to a page has the cookie with them; nothing is changed by a GET.
    response.cookies.set(cookieOf(request), given, { httpOnly: true, sameSite: 'lax', path: '/' });
    return { answer: response };
  }
  const visitor = await bearerOf(request.cookies.get(cookieOf(request))?.value ?? '', own);
  if (visitor) return { visitor };
  const wrong = given !== null;
  const answer = request.headers.get('accept')?.includes('text/html')
    ? new NextResponse(page(wrong), {
        status: 401,
        headers: { ...HEADERS, 'content-type': 'text/html; charset=utf-8' },
      })
    : new NextResponse(SAID, { status: 401, headers: { ...HEADERS, 'content-type': 'text/plain' } });
  return { answer };
}

/** Whose token it is: the server's own, or one that the store knows. */
async function bearerOf(token: string, own: string): Promise<Visitor | undefined> {
  if (same(token, own)) return { name: 'owner', role: 'write' };
  if (!/^rampart-[\w-]{43}$/.test(token)) return undefined;
  return (await store()).tokens.find(token);
}

/** Where the proxy tells what is behind it who asks. Nobody else can: it replaces what a request says. */
const VISITOR = 'x-rampart-visitor';

export function tellVisitor(headers: Headers, visitor: Visitor | undefined): void {
  headers.delete(VISITOR);
  if (visitor) headers.set(VISITOR, encodeURIComponent(JSON.stringify({ name: visitor.name, role: visitor.role })));
}

/** Who the proxy said asks. */
export function visitorIn(headers: Pick<Headers, 'get'>): Visitor | undefined {
  const told = headers.get(VISITOR);
  return told === null ? undefined : (JSON.parse(decodeURIComponent(told)) as Visitor);
}

/** Long enough, and not one character over and over, not to be guessed. */
function isFit(token: string): boolean {
  return token.length >= 16 && new Set(token).size >= 8;
}

const UNFIT = 'The token of this dashboard is too easy to guess: it needs 16 characters, 8 of them different.';
const SAID =
  'A token is needed: open the address that was printed when the dashboard started, or with a token of your own.';

const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** The page for whoever came without the token: it needs nothing of what the token protects. */
function page(wrong: boolean): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Token · Rampart</title>
<style>
:root { color-scheme: light dark }
body { font: 15px/1.5 system-ui, sans-serif; display: grid; place-content: center; min-height: 90vh; margin: 0 16px }
form { display: grid; gap: 12px; max-width: 380px }
h1 { font-size: 20px; margin: 0 } p { margin: 0 }
input, button { font: inherit; padding: 8px 10px; border-radius: 8px; border: 1px solid GrayText }
</style>
</head>
<body>
<main>
<form method="get">
<h1>This dashboard needs a token</h1>
<p${wrong ? ' role="alert"' : ''}>${wrong ? 'That was not it. ' : ''}It is part of the address that was printed when the dashboard started, or was given to you.</p>
<label>Token <input name="token" type="password" required autofocus autocomplete="off"></label>
<button>Open</button>
</form>
</main>
</body>
</html>
`;
}

/** Takes as long whatever is given. */
function same(given: string, token: string): boolean {
  return timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
