import { type RedisScript, script } from './redis-scripts.js'

/**
 * KEYS: claims, then the states of each topic. ARGV: who claims, for how many milliseconds a claim is left to who has it,
 * then of each topic: its name, the claim that we have or nothing, and 1 where we can wait. What stands in the claims:
 * number, colon, who, blank, and when it was used last. A claim's number is greater than that of any before, also where
 * the store has lost those.
 */
export const laneClaimScript: RedisScript = script(`
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local answers = {}
for i = 2, #KEYS do
  local at = 3 * i - 3
  local topic, ours, patient = ARGV[at], ARGV[at + 1], ARGV[at + 2] == '1'
  local held = redis.call('HGET', KEYS[1], topic)
  local token, number, used = '', 0, 0
  if held then
    token, used = string.match(held, '^(.*) (%d+)$')
    number = tonumber(string.match(token, '^%d+'))
  end
  local mine = tonumber(string.match(ours, '^%d+')) or 0
  if ours ~= '' and (token == ours or number < mine) then
    redis.call('HSET', KEYS[1], topic, ours .. ' ' .. string.format('%d', now))
    answers[i - 1] = 0
  elseif patient and string.match(token, ':(.*)$') ~= ARGV[1] and now - used < tonumber(ARGV[2]) then
    answers[i - 1] = math.max(1, used + tonumber(ARGV[2]) - now)
  else
    local new = string.format('%d', math.max(number + 1, now)) .. ':' .. ARGV[1]
    redis.call('HSET', KEYS[1], topic, new .. ' ' .. string.format('%d', now))
    answers[i - 1] = {new, redis.call('HGETALL', KEYS[i])}
  end
end
return {answers, time[1], time[2]}`)

/**
 * KEYS: claims, then the states of each topic. ARGV: of each topic its name, the claim, and how many devices and states
 * follow, -1 where it is to be forgotten. A claim that the store has lost, or lost the last of several, holds.
 */
export const laneWriteScript: RedisScript = script(`
local now = string.format('%d', time[1] * 1000 + math.floor(time[2] / 1000))
local answers = {}
local at = 1
for i = 2, #KEYS do
  local topic, ours, count = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2])
  at = at + 3
  local held = redis.call('HGET', KEYS[1], topic)
  local token = held and string.match(held, '^(.*) %d+$') or ''
  local number = tonumber(string.match(token, '^%d+')) or 0
  local holds = token == ours or number < tonumber(string.match(ours, '^%d+'))
  answers[i - 1] = holds and 1 or 0
  if holds and count < 0 then
    redis.call('HDEL', KEYS[1], topic)
  elseif holds then
    redis.call('HSET', KEYS[1], topic, ours .. ' ' .. now)
    for from = at, at + count - 1, 1000 do
      redis.call('HSET', KEYS[i], unpack(ARGV, from, math.min(from + 999, at + count - 1)))
    end
  end
  at = at + math.max(0, count)
end
return {answers, time[1], time[2]}`)

/** KEYS: claims. ARGV: topics and our claims of them in turn: they were used long ago from now on. */
export const laneReleaseScript: RedisScript = script(`
for i = 1, #ARGV, 2 do
  local held = redis.call('HGET', KEYS[1], ARGV[i])
  if held and string.match(held, '^(.*) %d+$') == ARGV[i + 1] then
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1] .. ' 0')
  end
end
return {1, time[1], time[2]}`)
