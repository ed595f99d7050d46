// A reporter of the test runner: notes the tests that failed first and passed when they were tried again, with their first failure.
import { writeFileSync } from 'node:fs'

export default class SecondTries {
  #tries = []

  onTestCaseResult(test) {
    if (!test.diagnostic()?.flaky) return
    const failure = test.result().errors?.[0]?.message ?? 'no failure was kept'
    this.#tries.push({ test: `${test.module.relativeModuleId}: ${test.fullName}`, failure })
  }

  onTestRunEnd() {
    writeFileSync(process.env.SECOND_TRIES, JSON.stringify(this.#tries))
  }
}
