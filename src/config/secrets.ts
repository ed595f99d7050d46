import { dirname, resolve } from 'node:path'
import { isHashLine, SCRYPT_LINE } from '../password-line.js'
import type { PemTexts } from './configuration.js'
import { type ConfigFiles, modeOf, readText, reasonOf } from './files.js'
import type { Findings } from './findings.js'
import type { Path } from './problem.js'
import type { BrokerInput } from './schema/broker.js'
import type { ClusterInput } from './schema/cluster.js'
import type { HttpInput } from './schema/http.js'
import type { SourceTree } from './source-tree.js'
import type { Survey } from './survey.js'

/** What the configuration names by files, read. */
export interface Secrets {
  readonly password?: string
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  /** Of the embedded broker. */
  readonly listener?: { readonly ca?: string; readonly cert?: string; readonly key?: string }
  /** Of the users of the embedded broker, in their order. */
  readonly users?: readonly (string | undefined)[]
  /** Of the window. */
  readonly http?: {
    readonly cert?: string
    readonly key?: string
    readonly token?: string
    readonly adminToken?: string
    readonly metricsToken?: string
  }
  /** Of a cluster: of the store that keeps its states, and of where its frames come from. */
  readonly cluster?: {
    readonly state?: PemTexts & { readonly password?: string }
    readonly tls?: PemTexts
  }
}

/** Where paths begin, and what reads them. */
export interface FileAccess {
  readonly files: ConfigFiles
  readonly cwd: string
  /** The configuration's own file, as an absolute path. */
  readonly file?: string
}

/** Paths in the file begin at the file; those in variables where the program was started. */
export function resolvePath(path: string, at: Path, tree: SourceTree, access: FileAccess): string {
  const place = tree.placeOf(at)
  const fromFile = access.file !== undefined && place !== undefined && !('variable' in place)
  return resolve(fromFile ? dirname(access.file) : access.cwd, path)
}

/** Reads every file that a section names, and judges the modes of those that hold secrets. */
export function readSecrets(
  { broker, http, cluster }: Pick<Survey, 'broker' | 'http' | 'cluster'>,
  tree: SourceTree,
  access: FileAccess,
  findings: Findings,
): Secrets {
  const files: NamedFiles = {
    read: (at, path, secret) =>
      path === undefined
        ? undefined
        : readNamed(at, resolvePath(path, at, tree, access), secret, access.files, findings),
    findings,
  }
  if (broker?.password !== undefined) checkPlainPassword(access, findings)
  return {
    ...(broker && brokerSecrets(broker, files)),
    ...(http && { http: httpSecrets(http, files) }),
    ...(cluster && { cluster: clusterSecrets(cluster, files) }),
  }
}

function brokerSecrets(broker: BrokerInput, files: NamedFiles): Omit<Secrets, 'http' | 'cluster'> {
  const password =
    broker.password ?? readPassword(['broker', 'password_file'], broker.password_file, files)
  const { embedded } = broker
  const users = embedded?.users?.map(({ password_file }, index) =>
    readPassword(['broker', 'embedded', 'users', index, 'password_file'], password_file, files),
  )
  return {
    ...(password !== undefined && { password }),
    ...(broker.tls && readPems(['broker', 'tls'], broker.tls, files)),
    ...(embedded?.tls && {
      listener: readPems(['broker', 'embedded', 'tls'], embedded.tls, files),
    }),
    ...(users && { users }),
  }
}

/** Shorter ones can be guessed. */
const LEAST_TOKEN = 20

function httpSecrets(http: HttpInput, files: NamedFiles) {
  const { tls, token_file, admin_token_file, metrics } = http
  const adminAt = ['http', 'admin_token_file']
  const token = readToken(['http', 'token_file'], token_file, files)
  const adminToken = readToken(adminAt, admin_token_file, files)
  const metricsToken = readToken(['http', 'metrics', 'token_file'], metrics.token_file, files)
  if (adminToken !== undefined && (adminToken === token || adminToken === metricsToken))
    files.findings.problem(adminAt, 'whoever may look would act with this token: take another one')
  return {
    ...(tls && readPems(['http', 'tls'], tls, files)),
    ...(token !== undefined && { token }),
    ...(adminToken !== undefined && { adminToken }),
    ...(metricsToken !== undefined && { metricsToken }),
  }
}

function readToken(at: Path, path: string | undefined, files: NamedFiles): string | undefined {
  const token = readLine(at, path, files)
  if (token && !token.includes('\n') && !TOKEN.test(token)) {
    files.findings.problem(
      at,
      `a token is ${LEAST_TOKEN} to 512 printable characters without spaces: openssl rand -base64 24`,
    )
  }
  return token
}

const TOKEN = new RegExp(`^[!-~]{${LEAST_TOKEN},512}$`)

/** How files are read, and where what is wrong with them is told. */
interface NamedFiles {
  readonly read: (at: Path, path: string | undefined, secret: boolean) => string | undefined
  readonly findings: Findings
}

function clusterSecrets(cluster: ClusterInput, files: NamedFiles): NonNullable<Secrets['cluster']> {
  const { state, tls } = cluster
  return {
    ...(typeof state !== 'string' && { state: stateSecrets(state, files) }),
    ...(tls && { tls: readPems(['cluster', 'tls'], tls, files) }),
  }
}

function stateSecrets(
  { password_file, ca, cert, key }: Exclude<ClusterInput['state'], string>,
  files: NamedFiles,
) {
  const at = ['cluster', 'state']
  const password = readPassword([...at, 'password_file'], password_file, files)
  return { ...(password !== undefined && { password }), ...readPems(at, { ca, cert, key }, files) }
}

function readPassword(at: Path, path: string | undefined, files: NamedFiles) {
  const line = readLine(at, path, files)
  if (line !== undefined && isHashLine(line) && !SCRYPT_LINE.test(line)) {
    files.findings.problem(at, 'its scrypt: line is not as alec-bridge password makes it')
  }
  return line
}

/** The one line that a secret's file holds. */
function readLine(at: Path, path: string | undefined, { read, findings }: NamedFiles) {
  const line = read(at, path, true)?.replace(/\r?\n$/, '')
  if (line === '') findings.problem(at, 'the file is empty')
  else if (line?.includes('\n')) findings.problem(at, 'the file has more than one line')
  return line
}

type Pems = Partial<Record<'ca' | 'cert' | 'key', string | undefined>>

function readPems(section: Path, paths: Pems, { read, findings }: NamedFiles) {
  const readPem = (name: keyof Pems): string | undefined => {
    const at = [...section, name]
    const text = read(at, paths[name], name === 'key')
    if (text?.includes('-----BEGIN ') === false) findings.problem(at, 'this file is not PEM')
    return text
  }
  const [ca, cert, key] = [readPem('ca'), readPem('cert'), readPem('key')]
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  }
}

function checkPlainPassword({ files, file }: FileAccess, findings: Findings): void {
  // Handed over by the program itself, not read from a file that somebody else may read too.
  if (file === undefined) return
  const mode = modeOf(files, file)
  const at = ['broker', 'password']
  if (mode === undefined || (mode & 0o177) !== 0) {
    const is = mode === undefined ? 'unknown' : octal(mode)
    findings.keyProblem(
      at,
      `a password here needs file mode 0600 (it is ${is}); better: password_file`,
    )
  } else {
    findings.keyWarning(
      at,
      'a password in the configuration is easily copied along: better: password_file',
    )
  }
}

function readNamed(
  at: Path,
  path: string,
  secret: boolean,
  files: ConfigFiles,
  findings: Findings,
): string | undefined {
  const outcome = readText(files, path)
  if (!outcome.ok) {
    // Without its name: more than once somebody has put the password itself here.
    findings.problem(at, `cannot read this file: ${reasonOf(outcome.code)}`)
    return undefined
  }
  const mode = modeOf(files, path)
  if (secret && mode !== undefined && (mode & 0o077) !== 0) {
    findings.warning(at, `other users may open this file (mode ${octal(mode)}): chmod 600 it`)
  }
  return outcome.text
}

const octal = (mode: number): string => `0${mode.toString(8).padStart(3, '0')}`
