---Verdicts as neotest has them: passed, failed or skipped, with errors at lines.
local protocol = require('hotclub.protocol')

local M = {}

---neotest has no word for a test that failed as it should, nor for one that never ran.
---@param state hotclub.State
---@return 'passed'|'failed'|'skipped'
local function status(state)
  if protocol.is_bad(state) then
    return 'failed'
  end
  return (state == 'passed' or state == 'xfailed') and 'passed' or 'skipped'
end

---The line in a file, from 0, where something went wrong: of the innermost frame there.
---@param message hotclub.Message
---@param path string
---@return integer?
local function line_in(message, path)
  for _, frame in ipairs(vim.fn.reverse(vim.deepcopy(message.frames or {}))) do
    if frame.file == path and frame.line then
      return frame.line - 1
    end
  end
  local at = message.location
  return at and at.file == path and at.line - 1 or nil
end

---@param message hotclub.Message
---@return string
local function told(message)
  local text = vim.trim(message.summary or message.text)
  return message.subtest and ('%s: %s'):format(message.subtest, text) or text
end

---@param verdict hotclub.Verdict
---@param path string of the position's file
---@param output? string path of a file
---@return neotest.Result
function M.of(verdict, path, output)
  local result = { status = status(verdict.state), output = output }
  if protocol.is_bad(verdict.state) then
    result.errors = {}
    for _, message in ipairs(verdict.messages or {}) do
      table.insert(result.errors, { message = told(message), line = line_in(message, path) })
    end
  end
  result.short = protocol.summary(verdict)
  return result
end

---What is worth reading of a test.
---@param label string
---@param verdict hotclub.Verdict
---@param printed string what it printed
---@return string
function M.text(label, verdict, printed)
  local parts = {
    ('%s: %s%s\n'):format(
      label,
      verdict.state,
      verdict.durationMs and ', ' .. protocol.duration(verdict.durationMs) or ''
    ),
  }
  if verdict.reason then
    table.insert(parts, verdict.reason .. '\n')
  end
  for _, message in ipairs(verdict.messages or {}) do
    table.insert(parts, (message.text:gsub('\n*$', '\n')))
  end
  table.insert(parts, printed)
  return table.concat(parts)
end

return M
