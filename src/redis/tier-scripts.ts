import { Script } from './script.js';

/*
 * Entries: a hash { b: sealed bytes, p: proof }. Its proof: the birth of the clock (16 digits), then for each tag the tag (22
 * characters) and the tag's generation (17).
 * Clock: a hash { born, n }. `n` counts events and begins at Redis' own microseconds, so that it never repeats after a flush.
 * Tags: a string, the tag's generation: `p` and `n` of its last purge, or `c` and the `n` at which an entry first needed it.
 * Index, one per tag and generation: a sorted set of entries by the time of their end, for counting and freeing only.
 *
 * An entry is valid while its clock and every tag's generation are what its proof says. What Redis forgets (an eviction, a
 * flush) makes entries invalid, never a purge undone.
 *
 * A full Redis lets a script write where its first write frees (EVAL, "out of memory"): purges begin with DEL, stores don't.
 */
const CLOCK = `
local function clock(key)
  local at = redis.pcall('HMGET', key, 'born', 'n')
  if at[1] and #at[1] == 16 and tonumber(at[2] or '') then return at[1], tonumber(at[2]) end
  local time = redis.call('TIME')
  local n = string.format('%016.0f', time[1] * 1000000 + time[2])
  redis.pcall('DEL', key)
  redis.pcall('HSET', key, 'born', n, 'n', n)
  return n, tonumber(n)
end
local function generation(key)
  local found = redis.pcall('GET', key)
  if type(found) == 'string' and #found == 17 then return found end
end
local function atLeast(key, ms)
  if redis.call('PTTL', key) < ms then redis.call('PEXPIRE', key, ms) end
end
`;

/**
 * KEYS entry, clock. ARGV prefix of tags. Gives `[state, stamp, bytes]`: 1 a valid entry, 0 none, -1 something else.
 * Writes nothing but a clock where there is none, and does without that where it may not write.
 */
export const readEntry = new Script(`${CLOCK}
local born, n = clock(KEYS[2])
local stamp = string.format('%016.0f', n)
local found = redis.pcall('HMGET', KEYS[1], 'b', 'p')
if found.err then return {-1, stamp, ''} end
local bytes, proof = found[1], found[2]
if not bytes or not proof then return {0, stamp, ''} end
if string.sub(proof, 1, 16) ~= born then return {0, stamp, ''} end
local keys, expected = {}, {}
for at = 17, #proof, 39 do
  keys[#keys + 1] = ARGV[1] .. string.sub(proof, at, at + 21)
  expected[#expected + 1] = string.sub(proof, at + 22, at + 38)
end
if #keys > 0 then
  local now = redis.call('MGET', unpack(keys))
  for i = 1, #keys do
    if now[i] ~= expected[i] then return {0, stamp, ''} end
  end
end
return {1, stamp, bytes}
`);

/**
 * KEYS entry, clock. ARGV prefix of tags, stamp, milliseconds, sealed bytes, tags. Gives `[1]` when stored, `[0]` when something
 * that it depends on was purged or forgotten after the stamp: what was fetched may be older than that.
 */
export const storeEntry = new Script(`${CLOCK}
local born = clock(KEYS[2])
local stamp, ms = tonumber(ARGV[2]), tonumber(ARGV[3])
if stamp < tonumber(born) then return {0} end
local deleted = redis.pcall('HGET', KEYS[1], 'deleted')
if type(deleted) == 'string' and tonumber(deleted) > stamp then return {0} end
local generations = {}
for i = 5, #ARGV do
  local found = generation(ARGV[1] .. ARGV[i])
  if found and string.sub(found, 1, 1) == 'p' and tonumber(string.sub(found, 2)) > stamp then return {0} end
  generations[i] = found
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local created = 'c' .. string.format('%016.0f', redis.call('HINCRBY', KEYS[2], 'n', 1))
local proof = born
for i = 5, #ARGV do
  local key = ARGV[1] .. ARGV[i]
  local found = generations[i]
  if not found then
    found = created
    redis.call('SET', key, found, 'PX', ms + 1000)
  else
    atLeast(key, ms + 1000)
  end
  proof = proof .. ARGV[i] .. found
  local index = key .. ':' .. found
  local ended = redis.pcall('ZRANGEBYSCORE', index, '-inf', now, 'LIMIT', 0, 8)
  if ended.err then redis.call('DEL', index)
  elseif #ended > 0 then redis.call('ZREM', index, unpack(ended)) end
  redis.call('ZADD', index, string.format('%.0f', now + ms), KEYS[1])
  atLeast(index, ms + 1000)
end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'b', ARGV[4], 'p', proof)
redis.call('PEXPIRE', KEYS[1], ms)
return {1}
`);

/** KEYS entry, clock. ARGV milliseconds for which a store that began earlier is refused. Gives `[1]` where there was an entry. */
export const deleteEntry = new Script(`${CLOCK}
local had = redis.pcall('HEXISTS', KEYS[1], 'b')
redis.call('DEL', KEYS[1])
clock(KEYS[2])
local n = redis.call('HINCRBY', KEYS[2], 'n', 1)
redis.call('HSET', KEYS[1], 'deleted', string.format('%016.0f', n))
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return {had == 1 and 1 or 0}
`);

/**
 * KEYS clock. ARGV prefix of tags, milliseconds for which a store that began earlier is refused, tags. From here on every
 * entry with one of the tags is invalid. Gives the generations that ended, in the order of the tags, '' where there was none.
 */
export const purgeTags = new Script(`${CLOCK}
local ended = {}
for i = 3, #ARGV do
  local key = ARGV[1] .. ARGV[i]
  ended[#ended + 1] = generation(key) or ''
  local left = redis.call('PTTL', key)
  redis.call('DEL', key)
  clock(KEYS[1])
  local n = redis.call('HINCRBY', KEYS[1], 'n', 1)
  redis.call('SET', key, 'p' .. string.format('%016.0f', n), 'PX', math.max(left, tonumber(ARGV[2])))
end
return ended
`);

/**
 * KEYS index. ARGV tag and generation, how many. Frees entries of a generation that has ended. Gives `[freed, left]`; an
 * entry that was stored again since stays.
 */
export const freeEntries = new Script(`
local popped = redis.call('ZPOPMIN', KEYS[1], ARGV[2])
local freed = 0
for i = 1, #popped, 2 do
  local proof = redis.pcall('HGET', popped[i], 'p')
  if type(proof) == 'string' and string.find(proof, ARGV[1], 17, true) then freed = freed + redis.call('UNLINK', popped[i]) end
end
return {freed, redis.call('ZCARD', KEYS[1])}
`);

/** KEYS clock. A clock born anew: every entry is invalid from here on. */
export const purgeAll = new Script(`${CLOCK}
local _, n = clock(KEYS[1])
n = string.format('%016.0f', n + 1)
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'born', n, 'n', n)
return {1}
`);
