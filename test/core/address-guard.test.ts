// Which addresses webhooks and connectors may reach.
import { describe, expect, it } from 'vitest';
import { guardConnectors, guardWebhooks } from '../../src/core/network/address-guard.ts';

describe('addresses', () => {
  it.each([
    '169.254.169.254',
    '0.0.0.0',
    '224.0.0.1',
    '::',
    'fe80::1',
    'fd00:ec2::254',
    '::ffff:169.254.169.254',
  ])('%s is reached by nobody', (address) => {
    expect(guardWebhooks([])(address)).toContain('link-local');
    expect(guardConnectors([])(address)).toContain('link-local');
  });

  it.each(['127.0.0.1', '10.1.2.3', '192.168.1.1', '::1', 'fc00::1', '::ffff:127.0.0.1'])(
    '%s is reached by connectors, and by webhooks where it is listed',
    (address) => {
      expect(guardConnectors([])(address)).toBeNull();
      expect(guardWebhooks([])(address)).toContain('webhookAllow');
      expect(guardWebhooks([address])(address)).toBeNull();
      expect(guardConnectors([address])(address)).toContain('egressDeny');
    },
  );

  it('of everybody are reached by both', () => {
    expect(guardWebhooks([])('93.184.216.34')).toBeNull();
    expect(guardConnectors([])('93.184.216.34')).toBeNull();
  });

  it('that are no block are refused, naming the setting', () => {
    expect(() => guardConnectors(['10.0.0.0/33'])).toThrow(
      "reading egressDeny: '10.0.0.0/33' is no CIDR block",
    );
    expect(() => guardWebhooks(['localhost'])).toThrow("reading webhookAllow: 'localhost'");
  });
});
