// The configuration of the process: what is written wrong is named, all of it at once.
import { expect, it } from 'vitest';
import { readConfig, unknownVariables } from '../src/config.ts';

it('names every wrong variable and setting at once, with what was meant', () => {
  const read = (): unknown =>
    readConfig(
      {
        SYNCLINE_DATBASE: 'sqlite:x',
        SYNCLINE_API_PORT: 'x',
        SYNCLINE_CONNECT: 'a=ftp://u:geheim@h',
        SYNCLINE_WEBHOOK_ALLOW: '10.0.0.0/8,10.0.0',
        SYNCLINE_EGRESS_DENY: 'localhost,10.0.0.0/99',
      },
      { apiPorts: '1', elsewhere: '2' },
    );
  for (const said of [
    'SYNCLINE_DATBASE: no such variable; did you mean SYNCLINE_DATABASE?',
    'SYNCLINE_API_PORT: "x" is not a whole number',
    `SYNCLINE_WEBHOOK_ALLOW: "10.0.0.0/8,10.0.0" has '10.0.0', which is no CIDR block`,
    `SYNCLINE_EGRESS_DENY: "localhost,10.0.0.0/99" has 'localhost', '10.0.0.0/99', which are no CIDR blocks`,
    '--apiPorts: no such setting; did you mean apiPort?',
    '--elsewhere: no such setting; known: roles,',
  ])
    expect(read).toThrow(said);
  expect(read).not.toThrow('geheim');
});

it('starts beside variables that others made, and names them', () => {
  const env = { SYNCLINE_SERVICE_HOST: '10.0.0.1', SYNCLINE_TEST_STACK: '/x', SYNCLINE_LANES: '3' };
  expect(readConfig(env).lanes).toBe(3);
  expect(unknownVariables(env).map(({ name }) => name)).toEqual(['SYNCLINE_SERVICE_HOST']);
});
