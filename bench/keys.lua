-- Requests of wrk whose X-Key is one of the keys of the map of bench/subjects.py, every one as likely as the others.
local requests = {}
local at = 0

function init(args)
  math.randomseed(4711)
  for i = 1, 20000 do
    wrk.headers["X-Key"] = "tenant-" .. math.random(0, 99999) .. ".example.org"
    requests[i] = wrk.format("GET", wrk.path)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end
