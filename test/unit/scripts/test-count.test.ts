interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}
interface Results {
  readonly testResults: readonly { name: string; status: string; assertionResults: readonly { status: string }[] }[];
}
const { countLine, countTests } = jest.requireActual<{
  countLine: (count: Count) => string;
  countTests: (results: Results | undefined) => Count;
}>('../../../scripts/lib/test-count.js');
const { afterwards, filesToRunAgain } = jest.requireActual<{
  afterwards: (first: Results, second: Results | undefined) => Results;
  filesToRunAgain: (results: Results | undefined) => string[];
}>('../../../scripts/lib/second-run.js');

const file = (name: string, status: string, ...tests: string[]): Results['testResults'][number] => ({
  name,
  status,
  assertionResults: tests.map((of) => ({ status: of })),
});

const results: Results = {
  testResults: [
    file('a', 'passed', 'passed', 'passed', 'pending', 'todo'),
    file('b', 'failed', 'passed', 'failed'),
    file('c', 'failed'),
  ],
};

describe('the line that npm test ends with', () => {
  it('counts a file that could not run as a failed test', () => {
    expect(countLine(countTests(results))).toBe('3 passed, 2 failed, 2 skipped');
  });

  it('names skipped tests only where there are any', () => {
    expect(countLine({ passed: 12, failed: 0, skipped: 0 })).toBe('12 passed, 0 failed');
  });

  it('is a failure when jest gave no result', () => {
    expect(countLine(countTests(undefined))).toBe('0 passed, 1 failed');
  });
});

describe('the second run of what failed', () => {
  it('takes the files that failed, unless they are too many for bad luck', () => {
    expect(filesToRunAgain(results)).toEqual(['b', 'c']);
    expect(
      filesToRunAgain({ testResults: ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => file(name, 'failed')) }),
    ).toEqual([]);
    expect(filesToRunAgain(undefined)).toEqual([]);
  });

  it('counts instead of the first, and what fails again has failed', () => {
    const second = { testResults: [file('b', 'passed', 'passed', 'passed'), file('c', 'failed', 'passed', 'failed')] };
    expect(countTests(afterwards(results, second))).toEqual({ passed: 5, failed: 1, skipped: 2 });
  });

  it('leaves the first standing where it gave no result', () => {
    expect(countTests(afterwards(results, undefined))).toEqual(countTests(results));
  });
});
