import { defineConfig } from 'vitest/config';
import { tally } from './tally.ts';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['proofs-tests/**/*.spec.ts'],
    testTimeout: 300_000, // ends what hangs; no test is late
    reporters: ['default', tally],
  },
});
