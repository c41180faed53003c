import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{analysis,rules,engine,server,cli,client,scripts,bench,test-fixtures}/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'dist/**', 'test-fixtures/{demo,marked}/**'],
    // Only there so that a hang ends; a slow machine must not fail a right answer.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
