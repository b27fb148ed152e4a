---Runs: asks for them and follows all that go on in the project, whoever asked.
local client = require('hotclub.client')
local config = require('hotclub.config')
local message = require('hotclub.message')
local protocol = require('hotclub.protocol')
local tests = require('hotclub.tests')
local trust = require('hotclub.trust')
local verdicts = require('hotclub.verdicts')

local M = {}

---@class hotclub.Run
---@field id string
---@field client_id integer
---@field own boolean asked for by this Neovim
---@field total integer
---@field done integer
---@field counts table<string, integer>
---@field tests table<string, hotclub.Test> by id
---@field bad { test: hotclub.Test, verdict: hotclub.Verdict }[] what failed, as it came
---@field coverage boolean lines that are executed are counted
---@field outcome? string once it has ended

local open = {} ---@type table<string, hotclub.Run>
local last ---@type hotclub.Run? the last that has ended
local listeners = {} ---@type fun(run: hotclub.Run)[]

---Calls a function when a run has got on: begun, a verdict, ended (`run.outcome`).
---@param listener fun(run: hotclub.Run)
function M.on_change(listener)
  table.insert(listeners, listener)
end

---@param run hotclub.Run
local function changed(run)
  for _, listener in ipairs(listeners) do
    listener(run)
  end
end

---@return hotclub.Run[]
function M.open()
  return vim.tbl_values(open)
end

---@param id string
---@return boolean whether a run goes on
function M.is_open(id)
  return open[id] ~= nil
end

---@return hotclub.Run? the last that has ended
function M.last()
  return last
end

---@param id string
---@param client_id integer
---@param own boolean
---@return hotclub.Run
local function begin(id, client_id, own)
  local run = {
    id = id,
    client_id = client_id,
    own = own,
    coverage = false,
    total = 0,
    done = 0,
    counts = {},
    tests = {},
    bad = {},
  } ---@type hotclub.Run
  open[id] = run
  return run
end

---Writes what is about to be run, if that is wanted.
---@param bufnr integer
---@param root string
---@return boolean ok
local function save(bufnr, root)
  local choice = config.get().save
  for _, each in ipairs(vim.api.nvim_list_bufs()) do
    local mine = each == bufnr or choice == 'all' and vim.startswith(vim.api.nvim_buf_get_name(each), root .. '/')
    if choice and mine and vim.bo[each].modified and vim.bo[each].buftype == '' then
      local ok, fault = pcall(vim.api.nvim_buf_call, each, function()
        vim.cmd('silent write')
      end)
      if not ok then
        local why = tostring(fault):match('E%d+: [^\n]*') or fault
        message.fail(('nothing was run, for %s could not be saved: %s'):format(vim.api.nvim_buf_get_name(each), why))
        return false
      end
    end
  end
  return true
end

---@param uris string[]
local function tell_unsaved(uris)
  if #uris == 0 then
    return
  end
  local names = vim.tbl_map(function(uri)
    return vim.fn.fnamemodify(vim.uri_to_fname(uri), ':.')
  end, uris)
  message.warn(('not saved: %s; what is on the disk runs'):format(table.concat(names, ', ')))
end

---@class hotclub.RunOptions
---@field bufnr? integer default: the current one
---@field params? table further members of RunParams
---@field method? string default: hotclub/run
---@field server? vim.lsp.Client default: that of the buffer
---@field begun? fun(fault?: string, run?: hotclub.Run) called when the run is asked for, or why it is not

---Runs tests. What comes of it is told by events; nothing is waited for.
---@param select hotclub.Select
---@param options? hotclub.RunOptions
function M.start(select, options)
  options = options or {}
  local bufnr = options.bufnr or vim.api.nvim_get_current_buf()
  local begun = options.begun or function() end
  local server = options.server or client.get(options.bufnr)
  if not server then
    message.fail(client.why_not(bufnr))
    return begun(client.why_not(bufnr))
  end
  local root = client.folder(server)
  trust.ask(root, function()
    if not save(bufnr, root) then
      return begun('what is to be run could not be saved')
    end
    local run = begin(protocol.new_run_id(), server.id, true)
    begun(nil, run)
    run.coverage = (options.params or {}).coverage ~= nil
    local params = vim.tbl_extend('force', options.params or {}, { runId = run.id, select = select })
    client.request_of(server, options.method or 'hotclub/run', params, function(err, answer)
      if err then
        open[run.id] = nil
        message.fail('nothing was run: ' .. err.message)
        return begun(err.message)
      end
      tell_unsaved(answer.unsaved or {})
    end)
  end, function()
    begun('the project is not trusted')
  end)
end

---Runs the test or class around the cursor.
---@param bufnr? integer
function M.nearest(bufnr)
  bufnr = bufnr or vim.api.nvim_get_current_buf()
  local place = tests.cursor(bufnr)
  if not place then
    return message.fail(client.why_not(bufnr))
  end
  M.start({ nearest = place }, { bufnr = bufnr })
end

---Cancels the runs of this Neovim.
function M.cancel()
  local cancelled = 0
  for id, run in pairs(open) do
    local server = run.own and vim.lsp.get_client_by_id(run.client_id)
    if server then
      cancelled = cancelled + 1
      client.request_of(server, 'hotclub/cancelRun', { runId = id }, function(err)
        if err then
          message.fail('the run could not be cancelled: ' .. err.message)
        end
      end)
    end
  end
  if cancelled == 0 then
    message.info('no run of this editor goes on')
  end
end

---@param of table<string, integer> tests by state
---@return string
local function in_words(of)
  local parts = {}
  for _, state in ipairs({ 'failed', 'errored', 'xpassed', 'passed', 'skipped', 'xfailed', 'cancelled', 'notRun' }) do
    if (of[state] or 0) > 0 then
      table.insert(parts, ('%d %s'):format(of[state], state == 'notRun' and 'not run' or state))
    end
  end
  return table.concat(parts, ', ')
end

---@param run hotclub.Run
---@param finished hotclub.RunFinished
local function tell_end(run, finished)
  if finished.outcome == 'error' then
    message.fail(finished.error or 'the run could not be carried out')
  elseif finished.unaffected then
    message.flash('hotclub: no edit can have changed a test, so nothing was run')
  elseif finished.outcome == 'nothing' then
    message.warn(finished.error or 'no test matched, so nothing was run')
  elseif config.get().messages then
    local sign = finished.outcome == 'cancelled' and '–' or finished.failed and '✘' or '✔'
    local text = ('%s %s in %s'):format(sign, in_words(finished.counts), protocol.duration(finished.durationMs))
    if #run.bad == 1 then
      text = text .. ': ' .. (protocol.summary(run.bad[1].verdict) or '')
    end
    message.flash(text, finished.failed and 'HotclubFailed' or 'HotclubPassed')
  end
end

---A run that goes on, as the client tells it that told of it first: two clients may be about one project.
---@param id string
---@param context hotclub.Context
---@return hotclub.Run?
local function told(id, context)
  local run = open[id]
  return run and run.client_id == context.client_id and run or nil
end

client.on('run_started', function(started, context)
  local run = told(started.runId, context)
  if not run then
    if open[started.runId] then
      return
    end
    run = begin(started.runId, context.client_id, started.origin == client.client_name())
  end
  run.total = #started.tests
  for _, test in ipairs(started.tests) do
    run.tests[test.id] = test
  end
  verdicts.queue(started.tests)
  changed(run)
end)

client.on('test_event', function(event, context)
  local run = told(context.run_id, context)
  if not run then
    return
  end
  if event.event == 'started' then
    verdicts.advance(event.id, 'started')
  elseif event.event == 'finished' then
    local state = event.verdict.state
    run.done, run.counts[state] = run.done + 1, (run.counts[state] or 0) + 1
    if protocol.is_bad(state) then
      table.insert(run.bad, { test = event.test, verdict = event.verdict })
    end
    verdicts.put(event.test, event.verdict)
  elseif event.event == 'classErrored' then
    table.insert(run.bad, { test = { id = event.id, label = event.label }, verdict = event.verdict })
  end
  changed(run)
end)

client.on('run_finished', function(finished, context)
  local run = told(finished.runId, context)
  if not run then
    return -- it ended before it began, and was not ours
  end
  open[finished.runId] = nil
  run.outcome, last = finished.outcome, run
  if run.own then
    tell_end(run, finished)
  end
  changed(run)
end)

client.on('notice', function(notice)
  local run = open[notice.runId]
  if notice.warning then
    message.warn(notice.text)
  elseif run and run.own then
    message.flash('hotclub: ' .. notice.text)
  end
end)

-- A server that has ended tells no more ends: what was on its way has none.
client.on('lost', function(_, context)
  for id, run in pairs(open) do
    if run.client_id == context.client_id then
      open[id], run.outcome = nil, 'error'
      for test_id, test in pairs(run.tests) do
        local result = verdicts.get(test_id)
        if result and not protocol.is_terminal(result.state) then
          verdicts.put(test, { state = 'notRun', reason = 'the server ended' })
        end
      end
      changed(run)
    end
  end
end)

return M
