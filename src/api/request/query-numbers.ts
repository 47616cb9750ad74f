// Query strings hold text only: what a route declares as a number or a yes and no is read here. Bodies have types of their own,
// which nothing bends.
import type { FastifyReply, FastifyRequest } from 'fastify';

interface Declared {
  readonly properties?: Readonly<Record<string, { readonly type?: string }>>;
}

export function readNumbers(request: FastifyRequest, _reply: FastifyReply, done: () => void): void {
  const { properties = {} } = (request.routeOptions.schema?.querystring ?? {}) as Declared;
  const query = request.query as Record<string, unknown>;
  for (const [name, { type }] of Object.entries(properties)) {
    const value = query[name];
    if (typeof value !== 'string') continue;
    if (type === 'integer' && /^\d{1,16}$/.test(value)) query[name] = Number(value);
    if (type === 'boolean' && (value === 'true' || value === 'false')) query[name] = value === 'true';
  }
  done();
}
