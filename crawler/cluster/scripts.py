"""What happens in Redis, in one step each (Lua): nothing is half done when a process dies, or two ask at once.

Keys, all below `usufruct:{<name>}:`, which Redis Cluster keeps together:

    about       hash   policies, accepted, counted, decided, waiting, complete
    seen        set    SHA-256 (32 bytes) of every address ever taken in
    q:<host>    list   entries that wait: "<sha256> <tries> <counts> <host> <JSON of address and meta>"
    hosts       zset   hosts with entries and no page under way, by the time (ms) from which they may be asked
    next        zset   hosts that are not asked for a page until a time to come
    quiet       zset   hosts that asked to be left alone (Retry-After) until then
    busy        hash   host -> "<crawl> <sha256>" of its page that is under way
    leased:<c>  hash   sha256 -> entry: what the crawl c works on
    held:<c>    hash   sha256 -> r or d, and the entry: c is about to record it; its lines are not on the disk for sure
    parked      list   entries that were given up
    beats       zset   crawl -> until when (ms) it is believed to be alive
    runs        hash   crawl -> which run of it speaks for it
    owners      hash   crawl -> where its folder is
    site:<hash>, sites, sizes, fetching:<hash>    site files (site_files.py)

Time is Redis's own.
"""

from __future__ import annotations

PRELUDE = """
local P, time = KEYS[1], redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function k(name) return P .. name end
local function count(field, by) return redis.call('HINCRBY', k'about', field, by) end
local function host_in(entry) return (string.match(entry, '^%x+ %d+ %d (%S+) ')) end

local function later(host, at)
  if at <= now then return end
  local known = tonumber(redis.call('ZSCORE', k'next', host) or '0')
  if at > known then redis.call('ZADD', k'next', at, host) end
  local turn = redis.call('ZSCORE', k'hosts', host)
  if turn and tonumber(turn) < at then redis.call('ZADD', k'hosts', at, host) end
end

local function wake(host)
  if redis.call('HEXISTS', k'busy', host) == 1 or redis.call('ZSCORE', k'hosts', host) then return end
  if redis.call('LLEN', k('q:' .. host)) == 0 then return end
  local at = tonumber(redis.call('ZSCORE', k'next', host) or '0')
  redis.call('ZADD', k'hosts', math.max(at, now), host)
end

local function free(host, holder, delay)
  if redis.call('HGET', k'busy', host) == holder then
    redis.call('HDEL', k'busy', host)
    if delay > 0 then later(host, now + delay + 1) end  -- `now` is cut to the millisecond
  end
  wake(host)
end

local function wait(entry, first)
  local host = host_in(entry)
  redis.call(first and 'LPUSH' or 'RPUSH', k('q:' .. host), entry)
  count('waiting', 1)
  return host
end

local function again(entry)
  return (string.gsub(entry, '^(%x+) (%d+)', function(name, tries) return name .. ' ' .. (tries + 1) end, 1))
end

local function tries(entry) return tonumber((string.match(entry, '^%x+ (%d+)'))) end

local function release(owner, delay, most)
  local leased = redis.call('HGETALL', k('leased:' .. owner))
  for i = 1, #leased, 2 do
    local name, entry = leased[i], again(leased[i + 1])
    local host = host_in(entry)
    if tries(entry) > most then
      redis.call('RPUSH', k'parked', entry)
      count('waiting', 1)
    else
      wait(entry, true)
    end
    free(host, owner .. ' ' .. name, delay)
  end
  redis.call('DEL', k('leased:' .. owner))
end

local function reap(delay, most)
  for _, owner in ipairs(redis.call('ZRANGEBYSCORE', k'beats', '-inf', now)) do
    release(owner, delay, most)
    redis.call('ZREM', k'beats', owner)
  end
end

local function is_mine(owner, run) return redis.call('HGET', k'runs', owner) == run end
"""

# owner, run, policies, where, lease_ms, goes_on -> "ok" and entries, or why not
JOIN = """
local owner, run, policies, where, lease, goes_on = unpack(ARGV)
local known = redis.call('HGET', k'about', 'policies')
if known and known ~= policies then return {'other', known} end
if not known and goes_on == '1' then return {'missing'} end
local complete = redis.call('HGET', k'about', 'complete')
if complete and goes_on == '0' then return {'complete', complete} end
if not known then redis.call('HSET', k'about', 'policies', policies) end
redis.call('HSET', k'runs', owner, run)
redis.call('HSET', k'owners', owner, where)
redis.call('ZADD', k'beats', now + lease, owner)
local parked = redis.call('LRANGE', k'parked', 0, -1)
redis.call('DEL', k'parked')
for _, entry in ipairs(parked) do
  count('waiting', -1)
  wake(wait((string.gsub(entry, '^(%x+) %d+', '%1 0', 1)), false))
end
local found = {'ok'}
for _, name in ipairs(redis.call('HKEYS', k('leased:' .. owner))) do found[#found + 1] = name end
for _, name in ipairs(redis.call('HKEYS', k('held:' .. owner))) do found[#found + 1] = name end
return found
"""

# owner, run, number of decided names, decided names..., undecided names...
SETTLE = """
local owner, run, decided = ARGV[1], ARGV[2], tonumber(ARGV[3])
if not is_mine(owner, run) then return 0 end
for i = 4, #ARGV do
  local name = ARGV[i]
  local held, leased = redis.call('HGET', k('held:' .. owner), name), redis.call('HGET', k('leased:' .. owner), name)
  local entry = leased or (held and string.sub(held, 2))
  if entry then
    local was = held and string.sub(held, 1, 1) == 'd'
    redis.call('HDEL', k('held:' .. owner), name)
    redis.call('HDEL', k('leased:' .. owner), name)
    if i - 3 <= decided then
      if not was then count('decided', 1) end
    else
      if was then count('decided', -1) end
      wait(entry, true)
    end
    free(host_in(entry), owner .. ' ' .. name, 0)
  end
end
return 1
"""

BEAT = """
if not is_mine(ARGV[1], ARGV[2]) then return 0 end
redis.call('ZADD', k'beats', now + ARGV[3], ARGV[1])
return 1
"""

# limit (-1: none), then name, host, counts, JSON of each -> counted
OFFER = """
local limit = tonumber(ARGV[1])
local counted = tonumber(redis.call('HGET', k'about', 'counted') or '0')
for i = 2, #ARGV, 4 do
  local name, host, counts, said = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  local digest = string.gsub(name, '%x%x', function(hex) return string.char(tonumber(hex, 16)) end)
  local full = counts == '1' and limit >= 0 and counted >= limit
  if not full and redis.call('SADD', k'seen', digest) == 1 then
    if redis.call('HDEL', k'about', 'complete') == 1 then  -- others ended before this process brought its addresses
      for _, key in ipairs({'about', 'seen', 'runs', 'owners', 'beats', 'sites', 'sizes'}) do
        redis.call('PERSIST', k(key))
      end
    end
    count('accepted', 1)
    if counts == '1' then counted = count('counted', 1) end
    wake(wait(name .. ' 0 ' .. counts .. ' ' .. host .. ' ' .. said, false))
  end
end
return counted
"""

# owner, run, delay_ms of dead owners' hosts, most tries -> "take" and entry, or "wait" and ms
TAKE = """
local owner, run, delay, most = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
if not is_mine(owner, run) then return {'gone', 0, 0} end
local counted = tonumber(redis.call('HGET', k'about', 'counted') or '0')
reap(delay, most)
redis.call('ZREMRANGEBYSCORE', k'next', '-inf', now)
if not redis.call('ZSCORE', k'beats', owner) then return {'wait', 0, counted} end
while true do
  local host = redis.call('ZRANGEBYSCORE', k'hosts', '-inf', now, 'LIMIT', 0, 1)[1]
  if not host then
    local first = redis.call('ZRANGE', k'hosts', 0, 0, 'WITHSCORES')
    return {'wait', first[2] and math.max(tonumber(first[2]) - now, 1) or -1, counted}
  end
  redis.call('ZREM', k'hosts', host)
  local entry = redis.call('LPOP', k('q:' .. host))
  if entry then
    local name = string.match(entry, '^%x+')
    count('waiting', -1)
    redis.call('HSET', k('leased:' .. owner), name, entry)
    redis.call('HSET', k'busy', host, owner .. ' ' .. name)
    return {'take', entry, counted}
  end
end
"""

# owner, run, name -> 1 when it is the owner's to record
HOLD = """
local owner, run, name = unpack(ARGV)
if not is_mine(owner, run) then return 0 end
local entry = redis.call('HGET', k('leased:' .. owner), name)
if not entry then return redis.call('HEXISTS', k('held:' .. owner), name) end
redis.call('HDEL', k('leased:' .. owner), name)
redis.call('HSET', k('held:' .. owner), name, 'r' .. entry)
free(host_in(entry), owner .. ' ' .. name, 0)
return 1
"""

# owner, name
DECIDED = """
local held = redis.call('HGET', k('held:' .. ARGV[1]), ARGV[2])
if held and string.sub(held, 1, 1) == 'r' then
  redis.call('HSET', k('held:' .. ARGV[1]), ARGV[2], 'd' .. string.sub(held, 2))
  count('decided', 1)
end
return 1
"""

# owner, names...
SYNCED = """
for i = 2, #ARGV do
  local held = redis.call('HGET', k('held:' .. ARGV[1]), ARGV[i])
  if held and string.sub(held, 1, 1) == 'd' then redis.call('HDEL', k('held:' .. ARGV[1]), ARGV[i]) end
end
return 1
"""

# owner, name, JSON, first, ms
PUT_BACK = """
local owner, name, said, first, delay = unpack(ARGV)
local entry = redis.call('HGET', k('leased:' .. owner), name)
if not entry then return 0 end
redis.call('HDEL', k('leased:' .. owner), name)
local host = wait(string.match(entry, '^(%x+ %d+ %d %S+ )') .. said, first == '1')
later(host, now + delay)
free(host, owner .. ' ' .. name, tonumber(delay))
return 1
"""

# owner, names to park...; everything else that it leased waits again
PARK = """
for i = 2, #ARGV do
  local entry = redis.call('HGET', k('leased:' .. ARGV[1]), ARGV[i])
  if entry then
    redis.call('HDEL', k('leased:' .. ARGV[1]), ARGV[i])
    redis.call('RPUSH', k'parked', entry)
    count('waiting', 1)
    free(host_in(entry), ARGV[1] .. ' ' .. ARGV[i], 0)
  end
end
release(ARGV[1], 0, 1000000)
return 1
"""

# owner, name
NO_PAGE = """
local entry = redis.call('HGET', k('leased:' .. ARGV[1]), ARGV[2])
if entry and string.match(entry, '^%x+ %d+ 1 ') then
  redis.call('HSET', k('leased:' .. ARGV[1]), ARGV[2], (string.gsub(entry, '^(%x+ %d+) 1 ', '%1 0 ', 1)))
  return count('counted', -1)
end
return tonumber(redis.call('HGET', k'about', 'counted') or '0')
"""

# owner, name, host, ms
FREE = """
free(ARGV[3], ARGV[1] .. ' ' .. ARGV[2], tonumber(ARGV[4]))
return 1
"""

# host, ms
QUIET = """
later(ARGV[1], now + ARGV[2])
local known = tonumber(redis.call('ZSCORE', k'quiet', ARGV[1]) or '0')
redis.call('ZADD', k'quiet', math.max(known, now + ARGV[2]), ARGV[1])
redis.call('ZREMRANGEBYSCORE', k'quiet', '-inf', now)
return 1
"""

# host -> ms
QUIET_FOR = """
return math.max(tonumber(redis.call('ZSCORE', k'quiet', ARGV[1]) or '0') - now, 0)
"""

_STATE = """
local function state()
  local told = redis.call('HMGET', k'about', 'accepted', 'decided', 'waiting', 'counted', 'complete')
  local found = {time[1], tonumber(told[1] or '0'), tonumber(told[2] or '0'), tonumber(told[3] or '0'),
                 redis.call('LLEN', k'parked'), told[5] or ''}
  local owners, left = redis.call('HGETALL', k'owners'), tonumber(told[3] or '0')
  for i = 1, #owners, 2 do
    local leased, held = redis.call('HLEN', k('leased:' .. owners[i])), redis.call('HLEN', k('held:' .. owners[i]))
    local alive = redis.call('ZSCORE', k'beats', owners[i]) and 1 or 0
    left = left + leased + held
    for _, value in ipairs({owners[i], owners[i + 1], alive, leased, held}) do found[#found + 1] = value end
  end
  return found, left
end
"""

# delay_ms, most tries
STATE = (
    _STATE
    + """
reap(tonumber(ARGV[1]), tonumber(ARGV[2]))
return (state())
"""
)

# owner, run, seconds that the rest is kept once all is done, delay_ms of the hosts of what was under way
LEAVE = (
    _STATE
    + """
if is_mine(ARGV[1], ARGV[2]) then
  release(ARGV[1], tonumber(ARGV[4]), 1000000)
  redis.call('ZREM', k'beats', ARGV[1])
end
local found, left = state()
if left == 0 and found[2] > 0 and redis.call('HEXISTS', k'about', 'policies') == 1 then
  redis.call('HSETNX', k'about', 'complete', time[1])
  found[6] = redis.call('HGET', k'about', 'complete')
  redis.call('DEL', k'hosts', k'next', k'quiet', k'busy', k'parked')
  for _, name in ipairs({'about', 'seen', 'runs', 'owners', 'beats', 'sites', 'sizes'}) do
    redis.call('EXPIRE', k(name), ARGV[3])
  end
end
return found
"""
)

# hash, lock_ms, owner -> "file", ms and content; "fetch" when the caller is to fetch it; "wait"
SITE_GET = """
local key, lock = k('site:' .. ARGV[1]), k('fetching:' .. ARGV[1])
local content = redis.call('GET', key)
if content then
  redis.call('ZADD', k'sites', now, ARGV[1])
  return {'file', redis.call('PTTL', key), content}
end
local owner = redis.call('GET', lock)
if owner and owner ~= ARGV[3] and redis.call('ZSCORE', k'beats', owner) then
  if tonumber(redis.call('ZSCORE', k'beats', owner)) > now then return {'wait', 0, ''} end
end
redis.call('SET', lock, ARGV[3], 'PX', ARGV[2])
return {'fetch', 0, ''}
"""

# hash, ms, content, most bytes of all
SITE_PUT = """
local name, most = ARGV[1], tonumber(ARGV[4])
local function forget(name)
  redis.call('DEL', k('site:' .. name))
  redis.call('ZREM', k'sites', name)
  local size = redis.call('HGET', k'sizes', name)
  redis.call('HDEL', k'sizes', name)
  if size then redis.call('HINCRBY', k'sizes', '', -size) end
end
forget(name)
redis.call('SET', k('site:' .. name), ARGV[3], 'PX', ARGV[2])
redis.call('ZADD', k'sites', now, name)
redis.call('HSET', k'sizes', name, #ARGV[3])
local all = redis.call('HINCRBY', k'sizes', '', #ARGV[3])
while all > most do
  local oldest = redis.call('ZRANGE', k'sites', 0, 0)[1]
  if not oldest then break end
  forget(oldest)
  all = tonumber(redis.call('HGET', k'sizes', '') or '0')
end
redis.call('DEL', k('fetching:' .. name))
return 1
"""
