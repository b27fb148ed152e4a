---A run of the server as neotest sees a process: it can be waited for, read while it goes on, stopped.
---
---It is a run like those of :Hotclub, of the same session: no process is started.
local client = require('hotclub.client')
local nio = require('nio')
local protocol = require('hotclub.protocol')
local results = require('neotest-hotclub.results')
local runs = require('hotclub.runs')
local verdicts = require('hotclub.verdicts')

---@class hotclub.neotest.Run
---@field positions table<string, hotclub.neotest.Position> by the server's ids
---@field results table<string, neotest.Result> so far, by the ids of positions
---@field log string path of what was printed
---@field fault? string why nothing was run
---@field ended boolean
---@field private fresh table<string, neotest.Result> not handed on yet
---@field private texts string[] not handed on yet
---@field private writing file*
---@field private total integer tests of the run
---@field private pending integer outputs that were asked for
---@field private finished boolean the server has said so
---@field private waiting table[] futures of those who wait for news
---@field private id? string of the run
---@field private alone? string the only position that counts
---@field private server? vim.lsp.Client
---@field private offs fun()[]
local Run = {}
Run.__index = Run

---Runs that neotest asked for, by id.
local asked_for = {} ---@type table<string, true>

---@param id string
---@return boolean
function Run.is_asked_for(id)
  return asked_for[id] or false
end

---A run of more tests than this has only the output of those that failed.
local many = 200

---@param positions table<string, hotclub.neotest.Position>
---@return hotclub.neotest.Run
function Run.new(positions)
  local log = vim.fn.tempname()
  local writing = assert(io.open(log, 'w'))
  writing:setvbuf('line') -- it is read while the run goes on
  return setmetatable({
    positions = positions,
    results = {},
    log = log,
    ended = false,
    fresh = {},
    texts = {},
    writing = writing,
    total = 0,
    pending = 0,
    finished = false,
    waiting = {},
    offs = {},
  }, Run)
end

---Wakes those who wait for news.
function Run:wake()
  local waiting = self.waiting
  self.waiting = {}
  for _, each in ipairs(waiting) do
    each.set()
  end
end

---@async
function Run:news()
  local future = nio.control.future()
  table.insert(self.waiting, future)
  future.wait()
end

---Writes to the log of the run.
---@param text string
function Run:write(text)
  self.writing:write(text)
  table.insert(self.texts, text)
end

---@param position_id string
---@param result neotest.Result
function Run:put(position_id, result)
  self.results[position_id], self.fresh[position_id] = result, result
end

---Takes a verdict with what was printed.
---@param id string the server's
---@param label string
---@param verdict hotclub.Verdict
---@param printed string
function Run:take(id, label, verdict, printed)
  local text = results.text(label, verdict, printed)
  self:write(text)
  local position = self.positions[id]
  if position then
    local output
    if printed ~= '' or protocol.is_bad(verdict.state) then
      output = vim.fn.tempname()
      local file = assert(io.open(output, 'w'))
      file:write(text)
      file:close()
    end
    self:put(position.id, results.of(verdict, position.path, output or self.log))
  end
  if self.alone and self.results[self.alone] then
    self:finish()
  end
  self:wake()
end

---Takes an event; what the test printed is asked for before its result is told.
---@param event hotclub.TestEvent
function Run:hear(event)
  if event.event == 'classErrored' then
    return self:take(event.id, event.label, event.verdict, event.output or '')
  end
  if event.event ~= 'finished' then
    return
  end
  local id, verdict = event.test.id, event.verdict
  if self.alone and not self.positions[id] then
    return
  end
  if self.total > many and not protocol.is_bad(verdict.state) then
    return self:take(id, event.test.label, verdict, '')
  end
  self.pending = self.pending + 1
  client.request_of(self.server, 'hotclub/output', { id = id }, function(err, answer)
    self.pending = self.pending - 1
    self:take(id, event.test.label, verdict, err and '' or answer.text)
    self:end_if_done()
  end)
end

function Run:end_if_done()
  if self.finished and self.pending == 0 and not self.ended then
    self.ended = true
    for _, off in ipairs(self.offs) do
      off()
    end
    self.writing:close()
    self:wake()
  end
end

---@param fault? string
function Run:finish(fault)
  if self.finished then
    return
  end
  self.finished, self.fault = true, fault
  if fault then
    self:write(fault .. '\n')
  end
  self:end_if_done()
end

---Takes part in a run that neotest has asked for.
---@param server vim.lsp.Client
---@param id string
function Run:own(server, id)
  asked_for[id] = true
  self:follow(server, id)
end

---Takes part in a run of others until one test has its verdict, which may have come already.
---@param server vim.lsp.Client
---@param id string
---@param position hotclub.neotest.Position
function Run:join(server, id, position)
  self.alone = position.id
  self:follow(server, id)
  local known = verdicts.get(position.hotclub)
  if known and protocol.is_terminal(known.state) then
    self:hear({ event = 'finished', test = { id = known.id, label = known.label }, verdict = known })
  elseif not runs.is_open(id) then
    self:finish()
  end
end

---Listens to what the server tells of the run.
---@param server vim.lsp.Client
---@param id string
function Run:follow(server, id)
  self.server, self.id = server, id
  local function mine(listen)
    return function(params, context)
      if context.client_id == server.id and (context.run_id or params.runId) == id then
        listen(params)
      end
    end
  end
  self.offs = {
    client.on(
      'run_started',
      mine(function(started)
        self.total = #started.tests
      end)
    ),
    client.on(
      'test_event',
      mine(function(event)
        self:hear(event)
      end)
    ),
    client.on(
      'notice',
      mine(function(notice)
        self:write(notice.text .. '\n')
        self:wake()
      end)
    ),
    client.on(
      'run_finished',
      mine(function(finished)
        self:finish(finished.error)
      end)
    ),
    client.on('lost', function(_, context)
      if context.client_id == server.id then
        self:finish('the server ended')
      end
    end),
  }
end

---What has come since the last call; nil after the end.
---@async
---@return table<string, neotest.Result>?
function Run:next()
  while not next(self.fresh) and not self.ended do
    self:news()
  end
  local fresh = self.fresh
  self.fresh = {}
  return next(fresh) and fresh or nil
end

---@async
---@return string?
function Run:next_text()
  while #self.texts == 0 and not self.ended do
    self:news()
  end
  local text = table.concat(self.texts)
  self.texts = {}
  return text ~= '' and text or nil
end

---@return boolean
function Run:failed()
  for _, result in pairs(self.results) do
    if result.status == 'failed' then
      return true
    end
  end
  return self.fault ~= nil
end

---@return neotest.Process
function Run:process()
  return {
    is_complete = function()
      return self.ended
    end,
    result = function()
      while not self.ended do
        self:news()
      end
      return self:failed() and 1 or 0
    end,
    output = function()
      return self.log
    end,
    output_stream = function()
      return function()
        return self:next_text()
      end
    end,
    attach = function()
      nio.scheduler()
      vim.cmd.split(vim.fn.fnameescape(self.log))
    end,
    stop = function()
      if self.id and not self.ended then
        client.request_of(self.server, 'hotclub/cancelRun', { runId = self.id }, function() end)
      end
    end,
  }
end

return Run
