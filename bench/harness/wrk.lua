-- Prints what came of a run as one line of JSON. With a token (the first argument), each request asks for another item, from
-- a number on (the second argument): its head is put together here, once.
local head, tail, n

function init(args)
  if #args == 2 then
    n = tonumber(args[2])
    head = "GET /v1/items/i-"
    tail = " HTTP/1.1\r\nHost: " .. wrk.host .. ":" .. wrk.port .. "\r\nAuthorization: Bearer " .. args[1] .. "\r\n\r\n"
    request = function()
      n = n + 1
      return head .. string.format("%d", n) .. tail
    end
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"seconds":%.6f,"p50":%.0f,"p99":%.0f,"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
