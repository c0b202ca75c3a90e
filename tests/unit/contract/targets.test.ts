import { describe, expect, it } from 'vitest';
import { targetSchema } from '../../../src-main/contract/targets.schema.ts';

const target = { name: 'cluster', storage: '/storage' };

describe('the address of a cluster', () => {
  it.each(['', 'no address', 'http://', '\0', 'ftp://head', 'http://user:word@head', 'http://head?token=x'])(
    'is refused in words, never by an exception: %j',
    (address) => {
      const parsed = targetSchema.safeParse({ ...target, address });
      expect(parsed.success).toBe(false);
    },
  );

  it('is a scheme, a host and a port', () => {
    expect(targetSchema.safeParse({ ...target, address: 'http://head:8265' }).success).toBe(true);
  });
});
