/** Mutation tests of the library's core: `npm run mutation`, or with files or folders of lib as arguments. */
export default {
  testRunner: 'jest',
  plugins: ['@stryker-mutator/jest-runner'],
};
