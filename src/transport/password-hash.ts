import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { isHashLine, SCRYPT_LINE } from '../password-line.js'

/** What is kept of a password. */
export interface PasswordHash {
  /** The binary logarithm of scrypt's N. */
  readonly costLog2: number
  readonly salt: Uint8Array
  readonly hash: Uint8Array
}

/** 16 MiB and about 50 ms on a small computer. */
const COST_LOG2 = 14
const HASH_BYTES = 32
const SALT_BYTES = 16

export async function hashPassword(password: string): Promise<PasswordHash> {
  const salt = randomBytes(SALT_BYTES)
  return { costLog2: COST_LOG2, salt, hash: await derive(password, salt, COST_LOG2) }
}

export const formatHash = ({ costLog2, salt, hash }: PasswordHash): string =>
  `scrypt:ln=${costLog2},r=8,p=1:${base64(salt)}:${base64(hash)}`

/** What a file's line says: its hash, or that of the password that it is. Throws a RangeError for half a hash. */
export async function readPassword(line: string): Promise<PasswordHash> {
  if (!isHashLine(line)) return hashPassword(line)
  const [, costLog2, salt = '', hash = ''] = SCRYPT_LINE.exec(line) ?? []
  if (costLog2 === undefined) throw new RangeError('no valid scrypt: line')
  return {
    costLog2: Number(costLog2),
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  }
}

/** Takes as long for a wrong password as for the right one. */
export async function isPassword(
  given: Uint8Array,
  { costLog2, salt, hash }: PasswordHash,
): Promise<boolean> {
  return timingSafeEqual(await derive(given, salt, costLog2), hash)
}

/** A hash that no password has, for users that do not exist: refusing them takes as long. */
export const noPassword = (): PasswordHash => ({
  costLog2: COST_LOG2,
  salt: randomBytes(SALT_BYTES),
  hash: randomBytes(HASH_BYTES),
})

/** In the thread pool: the event loop goes on. */
function derive(
  password: string | Uint8Array,
  salt: Uint8Array,
  costLog2: number,
): Promise<Uint8Array> {
  const N = 2 ** costLog2
  // Node's own limit is just below what these costs need.
  const options: ScryptOptions = { N, r: 8, p: 1, maxmem: 128 * 8 * N * 2 }
  return new Promise((resolve, reject) =>
    scrypt(password, salt, HASH_BYTES, options, (error, key) =>
      error ? reject(error) : resolve(key),
    ),
  )
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
