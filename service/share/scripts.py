"""The scripts that Valkey runs, each as a whole: who holds the lease, and what may be written by whom.

They need the commands of Redis 6.2. A message begins with 20 digits, its time in microseconds, and 16
letters, a checksum, with a blank behind each (`messages`).
"""

# KEYS: lease, epoch. ARGV: id of the holder, the highest epoch it has seen, the lease's length in ms.
# Returns whether it was taken, and the token that it has now.
TAKE_LEASE = """
local token = redis.call('GET', KEYS[1])
if token then return {0, token} end
local epoch = math.max(tonumber(redis.call('GET', KEYS[2]) or '0') or 0, tonumber(ARGV[2])) + 1
redis.call('SET', KEYS[2], string.format('%d', epoch))
token = string.format('%d', epoch) .. ':' .. ARGV[1]
redis.call('SET', KEYS[1], token, 'PX', ARGV[3])
return {1, token}
"""

# KEYS: lease. ARGV: token, the lease's length in ms. Returns 1 while the lease is this one's.
RENEW_LEASE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
"""

# KEYS: lease. ARGV: token.
RELEASE_LEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
"""

# KEYS: lease, hash, stream. ARGV: token, length of the stream, kind, id of the host, then fields and messages
# in turn; an empty message removes the field. Of two messages the newer one stays, unless its time is more
# than five minutes ahead of Valkey's clock. Returns how many were written, -1 when the lease is another's.
PUBLISH = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end
local clock = redis.call('TIME')
local latest = tonumber(clock[1]) * 1000000 + tonumber(clock[2]) + 300000000
local written = 0
for at = 5, #ARGV, 2 do
  local field, message = ARGV[at], ARGV[at + 1]
  local known = redis.call('HGET', KEYS[2], field)
  local operation = nil
  if message == '' then
    if known then
      redis.call('HDEL', KEYS[2], field)
      operation = 'delete'
    end
  else
    local is_newer = true
    if known then
      local before = tonumber(string.sub(known, 1, 20)) or 0
      if before > tonumber(string.sub(message, 1, 20)) and before <= latest then is_newer = false end
      if string.sub(known, 1, 37) == string.sub(message, 1, 37) then is_newer = false end
    end
    if is_newer then
      redis.call('HSET', KEYS[2], field, message)
      operation = 'put'
    end
  end
  if operation then
    redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[2], '*', 'kind', ARGV[3], 'key', field,
               'do', operation, 'host', ARGV[4])
    written = written + 1
  end
end
return written
"""

# KEYS: hash. ARGV: fields. Returns the beginnings of their messages, which tell whether these have changed.
BEGINNINGS = """
local found = {}
for at = 1, #ARGV do
  found[at] = string.sub(redis.call('HGET', KEYS[1], ARGV[at]) or '', 1, 37)
end
return found
"""

# KEYS: set, stream. ARGV: length of the stream, id of the host, then members. It is not fenced: what was
# taken down anywhere is so everywhere, and nothing takes that back. Returns how many were new.
TAKE_DOWN = """
local added = 0
for at = 3, #ARGV do
  if redis.call('SADD', KEYS[1], ARGV[at]) == 1 then
    redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[1], '*', 'kind', 'takedowns', 'key', ARGV[at],
               'do', 'put', 'host', ARGV[2])
    added = added + 1
  end
end
return added
"""
