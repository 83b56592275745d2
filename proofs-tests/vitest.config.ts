import { defineConfig } from 'vitest/config';
import { tally } from './tally.ts';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['proofs-tests/**/*.spec.ts'],
    testTimeout: 60_000,
    reporters: ['default', tally],
  },
});
