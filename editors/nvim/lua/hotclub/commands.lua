---:Hotclub and what follows it.
local message = require('hotclub.message')
local runs = require('hotclub.runs')

local M = {}

---@class hotclub.Command
---@field run fun(arguments: string[], bang: boolean)
---@field complete? fun(): string[]

---@type table<string, hotclub.Command>
M.all = {
  nearest = {
    run = function()
      runs.nearest()
    end,
  },
}

---Carries out :Hotclub.
---@param call { fargs: string[], bang: boolean } as nvim_create_user_command hands it over
function M.execute(call)
  local arguments = vim.list_slice(call.fargs)
  local name = table.remove(arguments, 1) or 'nearest'
  local command = M.all[name]
  if not command then
    local known = vim.tbl_keys(M.all)
    table.sort(known)
    return message.fail(('there is no :Hotclub %s; there are %s'):format(name, table.concat(known, ', ')))
  end
  command.run(arguments, call.bang)
end

---@param lead string what is being completed
---@param line string
---@return string[]
function M.complete(lead, line)
  local words = vim.split(vim.trim(line:gsub('^.-Hotclub!?%s*', '')), '%s+', { trimempty = true })
  local candidates
  if #words == 0 or #words == 1 and lead ~= '' then
    candidates = vim.tbl_keys(M.all)
  else
    local command = M.all[words[1]]
    candidates = command and command.complete and command.complete() or {}
  end
  candidates = vim.tbl_filter(function(candidate)
    return vim.startswith(candidate, lead)
  end, candidates)
  table.sort(candidates)
  return candidates
end

return M
