---What stands behind a test, and behind the line where it failed.
local config = require('hotclub.config')
local protocol = require('hotclub.protocol')
local signs = require('hotclub.signs')

local M = {}

---Whether the last verdict is to be drawn behind the name of a test.
---@return boolean
local function wanted()
  local choice = config.get().virtual_text
  return choice == true or choice == 'auto' and not config.get().lenses
end

---How long it took, and what there is to say: of one that passed its queries, else what went wrong.
---@param result hotclub.Result
---@return string
local function text(result)
  local says = protocol.summary(result)
  if result.state == 'passed' then
    local queries = result.queries or 0
    says = queries > 0 and ('%d %s'):format(queries, queries == 1 and 'query' or 'queries') or nil
  end
  local parts = {}
  table.insert(parts, protocol.duration(result.durationMs))
  table.insert(parts, says)
  return signs.defaults[result.state].text .. ' ' .. table.concat(parts, ' · ')
end

---@param result hotclub.Result
---@return [string, string][]? chunks of an extmark
function M.of(result)
  if not wanted() or not protocol.is_terminal(result.state) then
    return nil
  end
  local highlight = result.stale and 'HotclubStale' or signs.defaults[result.state].highlight
  return { { '  ' .. text(result), highlight } }
end

---Whether the text of the server's diagnostic is to be seen anyway.
---@param client_id integer
---@return boolean
local function diagnosed(client_id)
  local namespace = vim.lsp.diagnostic.get_namespace(client_id)
  if not vim.diagnostic.is_enabled({ ns_id = namespace }) then
    return false
  end
  local general, own = vim.diagnostic.config() or {}, vim.diagnostic.config(nil, namespace) or {}
  for _, way in ipairs({ 'virtual_text', 'virtual_lines' }) do
    local value = own[way]
    if value == nil then
      value = general[way]
    end
    if value then
      return true
    end
  end
  return false
end

---@param result hotclub.Result
---@param client_id integer
---@return { line: integer, chunks: [string, string][] }[] of the file itself; lines from 0
function M.failures(result, file, client_id)
  local choice = config.get().failure_text
  if
    not protocol.is_bad(result.state)
    or result.stale
    or choice == false
    or choice == 'auto' and diagnosed(client_id)
  then
    return {}
  end
  local found = {}
  for _, message in ipairs(result.messages or {}) do
    local location = message.location
    if location and location.file == file then
      local says = protocol.summary({ state = result.state, messages = { message } })
      table.insert(found, { line = location.line - 1, chunks = { { '  ✘ ' .. says, 'HotclubFailed' } } })
    end
  end
  return found
end

return M
