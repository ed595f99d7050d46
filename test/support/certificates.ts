import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { without } from './without-program.js'

/** True where tests that need certificates must be left out. */
export const withoutOpenssl = (): boolean =>
  without(
    spawnSync('openssl', ['version']).status === 0,
    'openssl is not installed (Debian: apt-get install openssl)',
  )

export interface Certificate {
  /** PEM. */
  readonly cert: string
  readonly key: string
}

/** A certificate, and the authority that the other side's must come from. */
export interface MutualTls extends Certificate {
  readonly ca: string
}

export interface CertificateRequest {
  readonly commonName: string
  /** As OpenSSL writes them: `DNS:localhost,IP:127.0.0.1`. */
  readonly names?: string
  /** From now on; a negative number makes one that has expired. */
  readonly days?: number
}

/** A certificate authority in a temporary folder, made by the `openssl` program. */
export class TestAuthority {
  readonly cert: string
  readonly #directory = mkdtempSync(join(tmpdir(), 'alec-ca-'))
  #issued = 0

  constructor(name = 'alec test authority') {
    this.#run('req', '-x509', ...newKey('ca'), '-out', 'ca.pem', '-subj', `/CN=${name}`)
    this.cert = this.#read('ca.pem')
  }

  issue({ commonName, names, days = 365 }: CertificateRequest): Certificate {
    const name = `c${++this.#issued}`
    this.#run('req', ...newKey(name), '-out', `${name}.csr`, '-subj', `/CN=${commonName}`)
    const extensions = names === undefined ? 'basicConstraints=CA:FALSE' : `subjectAltName=${names}`
    writeFileSync(join(this.#directory, `${name}.ext`), `${extensions}\n`)
    const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', String(days)]
    const files = ['-in', `${name}.csr`, '-extfile', `${name}.ext`, '-out', `${name}.pem`]
    this.#run('x509', '-req', ...signing, ...files)
    return { cert: this.#read(`${name}.pem`), key: this.#read(`${name}.key`) }
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true })
  }

  #run(...args: string[]): void {
    execFileSync('openssl', args, { cwd: this.#directory, stdio: ['ignore', 'ignore', 'pipe'] })
  }

  #read(name: string): string {
    return readFileSync(join(this.#directory, name), 'utf8')
  }
}

const newKey = (name: string): string[] => [
  ...['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
  ...['-keyout', `${name}.key`],
]
