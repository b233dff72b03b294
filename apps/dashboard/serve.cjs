/**
 * Serves the production build: `node serve.cjs HOST PORT`. Addresses that Next cannot decode are answered here, since it
 * would fail over them before anything of the dashboard is asked.
 */
const { createServer } = require('node:http');

const next = require('next').default ?? require('next');

/** The bundle does not know where this file lies. */
process.env.RAMPART_REPORT_THREAD = require.resolve('@rampart/api/report-page.thread');

const HEADERS = {
  'content-type': 'text/plain; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

function isMalformed(address) {
  try {
    decodeURIComponent(address.split('?')[0]);
    return false;
  } catch {
    return true;
  }
}

async function serve(hostname, port) {
  const app = next({ dev: false, dir: __dirname, hostname, port });
  await app.prepare();
  const handle = app.getRequestHandler();
  const server = createServer((request, response) => {
    if (!isMalformed(request.url)) return handle(request, response);
    response.writeHead(400, HEADERS).end('This address is malformed: a percent sign begins no character.\n');
  });
  server.listen(port, hostname);
}

serve(process.argv[2], Number(process.argv[3])).catch((error) => {
  console.error(error);
  process.exit(1);
});
