import { createHash } from 'node:crypto'

/** A script that Redis runs as one step; it returns what it has to say, then the seconds and microseconds of its clock. */
export interface RedisScript {
  readonly text: string
  readonly sha: string
}

export const script = (body: string): RedisScript => {
  const text = `local time = redis.call('TIME')\n${body}`
  // It is the name by which Redis knows a script, not a secret.
  return { text, sha: createHash('sha1').update(text).digest('hex') }
}

/** KEYS: token. ARGV: who claims. A claim's number is greater than any before, also where the store has lost those. */
export const claimScript = script(`
local held = redis.call('GET', KEYS[1])
local number = held and tonumber(string.match(held, '^%d+')) or 0
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local token = string.format('%d', math.max(number + 1, now)) .. ':' .. ARGV[1]
redis.call('SET', KEYS[1], token)
return {token, time[1], time[2]}`)

/** KEYS: token, states. ARGV: the claim, then devices and their states in turn. Answers 1 where the claim holds. */
export const writeScript = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {0, time[1], time[2]} end
for i = 2, #ARGV, 1000 do redis.call('HSET', KEYS[2], unpack(ARGV, i, math.min(i + 999, #ARGV))) end
return {1, time[1], time[2]}`)

/**
 * KEYS: token. ARGV: the claim. The store may have lost it, or the last of several: a claim of a higher number stands,
 * and of two with one number the one that is there.
 */
export const reclaimScript = script(`
local held = redis.call('GET', KEYS[1])
if held == ARGV[1] then return {1, time[1], time[2]} end
local number = held and tonumber(string.match(held, '^%d+')) or 0
if number >= tonumber(string.match(ARGV[1], '^%d+')) then return {0, time[1], time[2]} end
redis.call('SET', KEYS[1], ARGV[1])
return {1, time[1], time[2]}`)

/** KEYS: layout. ARGV: how many partitions are wanted. Answers how many there are. */
export const layoutScript = script(`
redis.call('SETNX', KEYS[1], ARGV[1])
return {redis.call('GET', KEYS[1]), time[1], time[2]}`)
