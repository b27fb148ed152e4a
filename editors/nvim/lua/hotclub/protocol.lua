---The words of the protocol that the plugin uses. docs/editor-authors.md of Hotclub has them all.
local M = {}

---The version that this plugin speaks.
M.version = 1

---@alias hotclub.State
---| 'queued' | 'started'
---| 'passed' | 'failed' | 'errored' | 'skipped' | 'xfailed' | 'xpassed' | 'cancelled' | 'notRun'

---@class hotclub.Frame
---@field label string
---@field file? string
---@field line? integer from 1
---@field own boolean code of the project

---@class hotclub.Message
---@field text string the traceback as unittest formats it
---@field summary? string its last words
---@field expected? string
---@field actual? string
---@field location? { file: string, line: integer } innermost frame of the project; the line counts from 1
---@field frames? hotclub.Frame[] outermost first
---@field phase? string
---@field subtest? string

---@class hotclub.Verdict
---@field state hotclub.State
---@field durationMs? number
---@field messages? hotclub.Message[]
---@field reason? string
---@field queries? integer

---@class hotclub.Test
---@field id string
---@field label string
---@field name string
---@field file? string
---@field line? integer from 1
---@field module string
---@field class string

---@class hotclub.Position
---@field line integer from 0
---@field character integer from 0, in the encoding of the server

---@class hotclub.Range
---@field start hotclub.Position
---@field end hotclub.Position

---@class hotclub.Item
---@field id string
---@field parent? string
---@field kind 'project'|'dir'|'file'|'class'|'test'|'case'
---@field name string
---@field label string
---@field uri? string
---@field range? hotclub.Range
---@field selectionRange? hotclub.Range
---@field runnable boolean

---@class hotclub.Select
---@field ids? string[]
---@field labels? string[]
---@field uri? string
---@field nearest? { uri: string, position: hotclub.Position }
---@field failed? boolean
---@field affected? string
---@field last? boolean
---@field all? boolean

---@class hotclub.RunStarted
---@field runId string
---@field tests hotclub.Test[]
---@field origin? string name of the client that asked

---@class hotclub.TestEvent
---@field event 'started'|'finished'|'classErrored'
---@field id? string
---@field test? hotclub.Test
---@field label? string
---@field verdict? hotclub.Verdict
---@field output? string

---@class hotclub.RunFinished
---@field runId string
---@field outcome 'completed'|'cancelled'|'error'|'nothing'
---@field counts table<string, integer>
---@field classErrors? integer
---@field durationMs number
---@field failed boolean
---@field error? string
---@field unaffected? boolean
---@field projectError? boolean

---Events of hotclub.client by the notification that brings them.
M.events = {
  ['hotclub/didChangeTests'] = 'tests',
  ['hotclub/runStarted'] = 'run_started',
  ['hotclub/runFinished'] = 'run_finished',
  ['hotclub/notice'] = 'notice',
  ['hotclub/debuggerReady'] = 'debugger_ready',
  ['hotclub/didChangeStatus'] = 'status',
  ['hotclub/didChangeWorkers'] = 'workers',
  ['hotclub/invalidated'] = 'invalidated',
}

---The server's commands that this plugin carries out itself: those that save, ask for trust or need the
---editor. The others are the server's.
M.commands = {
  'hotclub.copyCommand',
  'hotclub.debug',
  'hotclub.run',
  'hotclub.runAffected',
  'hotclub.runFailed',
  'hotclub.runFile',
  'hotclub.runLast',
  'hotclub.runNearest',
  'hotclub.toggleWatch',
}

local bad = { failed = true, errored = true, xpassed = true }

---How many of some tests a run fails for.
---@param counts table<string, integer> tests by state
---@return integer
function M.count_bad(counts)
  local sum = 0
  for state in pairs(bad) do
    sum = sum + (counts[state] or 0)
  end
  return sum
end

---Whether a run fails for such a verdict.
---@param state hotclub.State
---@return boolean
function M.is_bad(state)
  return bad[state] or false
end

---@param state hotclub.State
---@return boolean
function M.is_terminal(state)
  return state ~= 'queued' and state ~= 'started'
end

---The first line of what went wrong, or of why nothing did.
---@param verdict hotclub.Verdict
---@return string?
function M.summary(verdict)
  local message = (verdict.messages or {})[1]
  if not message then
    return verdict.reason
  end
  local text = vim.split(vim.trim(message.summary or message.text), '\n')[1]
  return (text:gsub('^AssertionError: ', ''))
end

---@param ms? number
---@return string?
function M.duration(ms)
  if not ms then
    return nil
  end
  if ms < 10 then
    return ('%.1f ms'):format(ms)
  end
  return ms < 1000 and ('%.0f ms'):format(ms) or ('%.1f s'):format(ms / 1000)
end

local drawn = 0

---A run id that no other run of any client has.
---@return string
function M.new_run_id()
  drawn = drawn + 1
  return ('nvim-%d-%x-%d'):format(vim.fn.getpid(), vim.uv.hrtime(), drawn)
end

return M
