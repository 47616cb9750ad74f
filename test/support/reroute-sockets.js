// Preloaded into a Syncline process under test: connections to certain ports go to others, where the test's proxies listen. For
// services that name their own addresses (brokers, region servers), which a proxy in front of the first address can't follow.
//   SYNCLINE_TEST_REROUTE = <port>:<other port>,…
import net from 'node:net';

const routes = new Map(
  (process.env.SYNCLINE_TEST_REROUTE ?? '').split(',').map((route) => route.split(':').map(Number)),
);
const connect = net.Socket.prototype.connect;

net.Socket.prototype.connect = function rerouted(...args) {
  const normalized = Array.isArray(args[0]) ? args[0] : args;
  const [target] = normalized;
  if (typeof target === 'object' && target !== null && routes.has(Number(target.port)))
    normalized[0] = { ...target, host: '127.0.0.1', port: routes.get(Number(target.port)) };
  else if (typeof target === 'number' && routes.has(target)) normalized[0] = routes.get(target);
  return connect.apply(this, args);
};
