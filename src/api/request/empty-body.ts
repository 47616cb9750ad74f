// Acts need no body: none is the same as an empty object.
import type { FastifyReply, FastifyRequest } from 'fastify';

export function emptyBodyIsDefault(request: FastifyRequest, _reply: FastifyReply, done: () => void): void {
  request.body ??= {};
  done();
}
