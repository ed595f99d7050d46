// Installs the locked dependencies when they are missing or older than the lock file,
// so that `npm start` and `npm test` work alone on a bare clone.
import { spawnSync } from 'node:child_process'
import { existsSync, lstatSync, statSync } from 'node:fs'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`alec-bridge needs Node 20.19 or newer; this is ${process.versions.node}`)
  process.exit(1)
}

const marker = 'node_modules/.package-lock.json'
// Somebody else's packages, linked here: not ours to replace.
const linked = lstatSync('node_modules', { throwIfNoEntry: false })?.isSymbolicLink() ?? false
const fresh =
  existsSync(marker) && statSync(marker).mtimeMs >= statSync('package-lock.json').mtimeMs
if (!fresh && !linked) {
  console.error('Installing dependencies …')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  // Install scripts stay off: nothing here needs one.
  const { status } = spawnSync(npm, ['ci', '--ignore-scripts', '--loglevel=error'], {
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  })
  if (status !== 0) process.exit(status ?? 1)
}
