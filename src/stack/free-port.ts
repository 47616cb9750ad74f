// Free TCP ports on 127.0.0.1. They are taken from below the kernel's ephemeral range, so that no outgoing
// connection and no service that asks for "any port" takes one between our look and the service's bind.
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

const firstPort = 20_000;
const lastPort = 31_999;
const attempts = 200;
const handedOut = new Set<number>();

export async function findFreePort(): Promise<number> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const port = randomInt(firstPort, lastPort + 1);
    if (handedOut.has(port)) continue;
    handedOut.add(port);
    if (await canListen(port)) return port;
  }
  throw new Error(`no free port found between ${firstPort} and ${lastPort}`);
}

/** The port that people expect, or a free one where somebody else has it. */
export async function findPort(preferred: number): Promise<number> {
  return (await canListen(preferred)) ? preferred : await findFreePort();
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
