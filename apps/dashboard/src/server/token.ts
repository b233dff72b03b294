import { type NextRequest, NextResponse } from 'next/server';

const COOKIE = 'rampart-token';

/**
 * With RAMPART_TOKEN set, which whoever listens elsewhere than on 127.0.0.1 has to do, answers everybody who does
 * not have it. A visit with `?token=` is turned into a cookie, so that the token does not stay in the address.
 */
export function tokenAnswer(request: NextRequest): NextResponse | undefined {
  const token = process.env['RAMPART_TOKEN'];
  if (!token) return undefined;
  const given = request.nextUrl.searchParams.get('token');
  if (given !== null && same(given, token)) {
    const address = request.nextUrl.clone();
    address.searchParams.delete('token');
    const response = NextResponse.redirect(address);
    response.cookies.set(COOKIE, token, { httpOnly: true, sameSite: 'strict', path: '/' });
    return response;
  }
  if (same(request.cookies.get(COOKIE)?.value ?? '', token)) return undefined;
  return new NextResponse('A token is needed: open the address that was printed when the dashboard started.', {
    status: 401,
    headers: { 'content-type': 'text/plain' },
  });
}

/** Takes as long for any text of the token's length. */
function same(given: string, token: string): boolean {
  if (given.length !== token.length) return false;
  let difference = 0;
  for (let i = 0; i < token.length; i++) difference |= given.charCodeAt(i) ^ token.charCodeAt(i);
  return difference === 0;
}
