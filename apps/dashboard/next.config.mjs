import path from 'node:path';
import { fileURLToPath } from 'node:url';

const workspace = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** @type {import('next').NextConfig} */
const config = {
  // The store is native code, and the API has to be one copy: both stay outside of the bundles.
  serverExternalPackages: ['@rampart/api', '@rampart/reports', '@rampart/results', '@photostructure/sqlite', 'kysely'],
  turbopack: { root: workspace },
  outputFileTracingRoot: workspace,
  poweredByHeader: false,
  // Browsers ask for it where they have not read, or are not told, what the icon is.
  rewrites: async () => [{ source: '/favicon.ico', destination: '/icon.svg' }],
  reactStrictMode: true,
  devIndicators: false,
};

export default config;
