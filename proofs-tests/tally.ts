import type { Reporter, TestModule } from 'vitest/node';

/** Last line of a test run, for continuous integration: how many tests passed and failed. A file that cannot be run failed. */
export const tally: Reporter = {
  onTestRunEnd: (modules: readonly TestModule[], errors) => {
    const tests = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state));
    const passed = tests.filter((state) => state === 'passed').length;
    const broken = modules.filter((module) => module.errors().length > 0).length;
    const failed = tests.filter((state) => state === 'failed').length + broken + errors.length;
    process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  },
};
