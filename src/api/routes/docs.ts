// What somebody finds who opens the address: where things are, and the operations in words. No token needed, nothing of the
// installation is in it.
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import type { ApiParts } from '../api-parts.ts';
import { describeApi, type ApiDocument } from '../describe-api.ts';

export function docsRoutes({ version }: ApiParts): FastifyPluginAsync {
  return async (server) => {
    const hidden = { schema: { hide: true } };
    server.get('/', hidden, () => ({
      name: 'Syncline admin API',
      version,
      documentation: '/docs',
      openapi: '/openapi.json',
      health: ['/livez', '/readyz'],
      jobs: '/api/v1/jobs',
      runs: '/api/v1/runs',
      token: 'Authorization: Bearer <admin token>, shown once at the first start',
    }));
    server.get('/openapi.json', hidden, () => documentOf(server));
    server.get('/docs', hidden, (_request, reply) =>
      reply
        .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
        .type('text/html; charset=utf-8')
        .send(pageOf(documentOf(server), version)),
    );
    await Promise.resolve();
  };
}

function documentOf(server: FastifyInstance): ApiDocument {
  return describeApi(structuredClone(server.swagger()) as unknown as ApiDocument);
}

function pageOf({ paths = {} }: ApiDocument, version: string): string {
  const rows = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, { summary = '', description = '' }]) =>
        `<tr><td><code>${method.toUpperCase()}</code><td><code>${escapeHtml(path)}</code><td><b>${escapeHtml(summary)}</b><br>${escapeHtml(description)}`,
    ),
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Syncline admin API</title>
<style>body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}td{vertical-align:top;padding:.4rem .8rem .4rem 0;border-top:1px solid #ddd}</style>
<h1>Syncline admin API ${escapeHtml(version)}</h1>
<p>Every path under <code>/api/v1</code> needs <code>Authorization: Bearer &lt;admin token&gt;</code>. Bodies, answers and errors in full: <a href="/openapi.json">/openapi.json</a>.</p>
<table>${rows.join('\n')}</table></html>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
