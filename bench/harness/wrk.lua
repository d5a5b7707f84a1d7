-- Prints what came of a run as one line of JSON. Arguments: a path, in which {n} stands for another number in each request;
-- the number before the first; a token, where one goes along. Heads are put together here, once.
local head, tail, n

function init(args)
  local path, first, token = args[1], tonumber(args[2]), args[3]
  local rest = " HTTP/1.1\r\nHost: " .. wrk.host .. ":" .. wrk.port .. "\r\n"
  if token then rest = rest .. "Authorization: Bearer " .. token .. "\r\n" end
  local from, to = string.find(path, "{n}", 1, true)
  if from then
    head, tail, n = "GET " .. string.sub(path, 1, from - 1), string.sub(path, to + 1) .. rest .. "\r\n", first
    request = function()
      n = n + 1
      return head .. string.format("%d", n) .. tail
    end
  else
    local whole = "GET " .. path .. rest .. "\r\n"
    request = function() return whole end
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"seconds":%.6f,"p50":%.0f,"p99":%.0f,"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
