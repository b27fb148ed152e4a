---The quickfix list of what failed in the last run of this editor.
local config = require('hotclub.config')
local protocol = require('hotclub.protocol')
local runs = require('hotclub.runs')

local M = {}

local list ---@type integer? id of the list that is ours

---@param failure { test: hotclub.Test, verdict: hotclub.Verdict }
---@param message hotclub.Message
---@return table[] entries
local function entries_of(failure, message)
  local says = protocol.summary({ state = failure.verdict.state, messages = { message } })
  local name = failure.test.label
  if message.subtest then
    name = name .. ' ' .. message.subtest
  end
  local entries = {}
  local location = message.location or failure.test.file and { file = failure.test.file, line = failure.test.line or 1 }
  table.insert(entries, {
    filename = location and location.file,
    lnum = location and location.line,
    text = ('%s: %s'):format(name, says),
    type = 'E',
  })
  if not config.get().quickfix.frames then
    return entries
  end
  -- The innermost frame is the entry above; the others follow from the inside out, as one walks them.
  local own = vim.tbl_filter(function(frame)
    return frame.own and frame.file ~= nil
  end, message.frames or {})
  for i = #own - 1, 1, -1 do
    table.insert(
      entries,
      { filename = own[i].file, lnum = own[i].line, text = '  called from ' .. own[i].label, type = 'I' }
    )
  end
  return entries
end

---@param run hotclub.Run
---@return table[] entries for setqflist
function M.entries(run)
  local entries = {}
  for _, failure in ipairs(run.bad) do
    for _, message in ipairs(failure.verdict.messages or {}) do
      vim.list_extend(entries, entries_of(failure, message))
    end
  end
  return entries
end

---Makes the list of a run, in place of the one of the run before; other lists stay as they are.
---@param run hotclub.Run
function M.fill(run)
  local entries = M.entries(run)
  local known = list and vim.fn.getqflist({ id = list, nr = 0 })
  local ours = known and known.id == list
  if #entries == 0 and not ours then
    return
  end
  local what = { title = ('Hotclub: %d failed'):format(#run.bad), items = entries }
  if ours then
    what.id = list
    vim.fn.setqflist({}, 'r', what)
  else
    vim.fn.setqflist({}, ' ', what)
    list = vim.fn.getqflist({ id = 0 }).id
  end
  if #entries > 0 and config.get().quickfix.open then
    local here = vim.api.nvim_get_current_win()
    vim.cmd('botright copen')
    vim.api.nvim_set_current_win(here)
  end
end

runs.on_change(function(run)
  if run.own and run.outcome == 'completed' and config.get().quickfix.fill then
    M.fill(run)
  end
end)

return M
