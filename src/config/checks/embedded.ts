import { isDeviceId } from '../../names.js'
import { filterFault, overlaps } from '../../topic-filter.js'
import type { Findings } from '../findings.js'
import type { Path } from '../problem.js'
import type { EmbeddedInput, UserInput } from '../schema/broker.js'
import { outputFilters } from '../topics.js'
import { isLoopback } from './loopback.js'

const AT = ['broker', 'embedded']

/** That nobody comes in at the embedded broker who is not meant to, and that whoever is meant to can. */
export function checkEmbedded(embedded: EmbeddedInput, base: string, findings: Findings): void {
  const { host, tls } = embedded
  const hasUsers = findings.isWritten([...AT, 'users'])
  if (!isLoopback(host) && !(findings.isWritten([...AT, 'tls']) && hasUsers)) {
    findings.problem(
      [...AT, 'host'],
      'beyond this machine (127.0.0.1, ::1, localhost) the embedded broker needs tls and users; ' +
        'or use a broker such as Mosquitto, by url',
    )
  }
  if (tls?.ca !== undefined && !hasUsers) {
    findings.problem([...AT, 'tls', 'ca'], 'needs users: the common name of a certificate is one')
  }
  const owners = new Map<string, string>()
  const names = new Set<string>()
  for (const [index, user] of (embedded.users ?? []).entries()) {
    const at = [...AT, 'users', index]
    if (names.has(user.name.toLowerCase())) {
      findings.problem([...at, 'name'], 'there is a user of this name already')
    }
    names.add(user.name.toLowerCase())
    checkUser(user, at, { base, certificates: tls?.ca !== undefined }, findings)
    checkClientIds(user, at, owners, findings)
  }
}

interface Around {
  readonly base: string
  readonly certificates: boolean
}

function checkUser(user: UserInput, at: Path, { base, certificates }: Around, findings: Findings) {
  const { name, admin, publish, subscribe, password_file } = user
  if (password_file === undefined && !certificates) {
    findings.problem(at, 'how does this user say who it is? Add password_file, or tls with ca')
  }
  if (admin) {
    for (const key of ['publish', 'subscribe'] as const) {
      if (user[key]) findings.keyProblem([...at, key], 'an admin may do everything: remove it')
    }
  } else if (!publish && !subscribe && !isDeviceId(name)) {
    findings.problem(at, 'what may this user do? Add publish or subscribe, for it is no device id')
  }
  for (const key of ['publish', 'subscribe'] as const) {
    for (const [index, filter] of (user[key] ?? []).entries()) {
      const fault = filterFault(filter)
      if (fault !== undefined) {
        findings.problem([...at, key, index], `is no topic filter: ${WORDS[fault] ?? fault}`)
      }
    }
  }
  const forged = publish?.findIndex((filter) =>
    outputFilters(base).some((output) => overlaps(output, filter)),
  )
  if (forged !== undefined && forged >= 0) {
    findings.warning(
      [...at, 'publish', forged],
      'this user can publish what only the bridge should: readings and status of devices',
    )
  }
}

const WORDS: Readonly<Record<string, string>> = {
  empty: 'it is empty',
  reserved: 'topics that begin with $ belong to the broker',
  'partial-wildcard': '+ must be a whole level',
  'misplaced-wildcard': '# must be a whole level, and the last one',
  'bad-character': 'it holds a character that MQTT does not carry',
  'too-long': 'it is too long',
  'too-deep': 'it has too many levels',
}

/** Who shares a client id throws the other one out. */
function checkClientIds(
  { name, client_ids }: UserInput,
  at: Path,
  owners: Map<string, string>,
  findings: Findings,
): void {
  for (const [index, id] of (client_ids ?? [name]).entries()) {
    const owner = owners.get(id)
    if (owner === undefined) owners.set(id, name)
    else if (owner !== name) {
      const where = client_ids ? [...at, 'client_ids', index] : [...at, 'name']
      findings.problem(where, `the client id ${id} is that of user ${owner} already`)
    }
  }
}
