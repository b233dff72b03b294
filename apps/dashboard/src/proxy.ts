import { type NextRequest, NextResponse } from 'next/server';

import { refusal, securityHeaders } from './server/security';
import { admit, tellVisitor } from './server/token';

/** Stands before every page and every procedure: who may ask, and what a browser may do with the answer. */
export async function proxy(request: NextRequest): Promise<NextResponse> {
  const refused = refusal(request.headers, request.method);
  if (refused) return new NextResponse(refused, { status: 403, headers: { 'content-type': 'text/plain' } });
  const admission = await admit(request);
  if ('answer' in admission) return admission.answer;

  const nonce = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('base64');
  const headers = securityHeaders(nonce, process.env.NODE_ENV === 'development');
  const forwarded = new Headers(request.headers);
  tellVisitor(forwarded, admission.visitor);
  forwarded.set('x-nonce', nonce);
  forwarded.set('content-security-policy', headers['content-security-policy']!);
  const response = NextResponse.next({ request: { headers: forwarded } });
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  return response;
}

export const config = {
  // Files of the build are the same for everybody, and immutable.
  matcher: ['/((?!_next/static/|api/uploads(?:/|$)|icon\\.svg$|favicon\\.ico$).*)'],
};
