---The tests of open buffers, and where they stand.
---
---The server finds them in the text as it is in the buffer. It is asked when a buffer comes and when it
---is saved; between, marks move with the text.
local client = require('hotclub.client')

local M = {}

local items = {} ---@type table<integer, hotclub.Item[]>

---@param bufnr integer
---@return hotclub.Item[] innermost last
function M.of(bufnr)
  return items[bufnr] or {}
end

---Asks for the tests of a buffer.
---@param bufnr integer
---@param done? fun()
function M.refresh(bufnr, done)
  local params = { uri = vim.uri_from_bufnr(bufnr) }
  client.request(bufnr, 'hotclub/testsAt', params, function(err, answer)
    if err or not vim.api.nvim_buf_is_valid(bufnr) then
      return
    end
    items[bufnr] = answer.items
    if done then
      done()
    end
  end)
end

---@param bufnr integer
function M.forget(bufnr)
  items[bufnr] = nil
end

---The line of an item's name, from 0.
---@param item hotclub.Item
---@return integer?
function M.line(item)
  local range = item.selectionRange or item.range
  return range and range.start.line
end

---@param bufnr integer
---@return table<string, integer> lines from 0 by id
function M.lines(bufnr)
  local lines = {}
  for _, item in ipairs(M.of(bufnr)) do
    lines[item.id] = M.line(item)
  end
  return lines
end

---The place of the cursor as the server counts it.
---@param bufnr integer
---@return { uri: string, position: hotclub.Position }?
function M.cursor(bufnr)
  local server = client.get(bufnr)
  if not server then
    return nil
  end
  local window = vim.fn.bufwinid(bufnr)
  local params = vim.lsp.util.make_position_params(window ~= -1 and window or 0, server.offset_encoding)
  return { uri = params.textDocument.uri, position = params.position }
end

---Asks which test or class is around the cursor.
---@param bufnr integer
---@param callback fun(err: { message: string }?, item: hotclub.Item?)
function M.nearest(bufnr, callback)
  local place = M.cursor(bufnr)
  if not place then
    return callback({ message = client.why_not(bufnr) })
  end
  client.request(bufnr, 'hotclub/testsAt', place, function(err, answer)
    if err then
      return callback(err)
    end
    local item = answer.items[1]
    if not item then
      return callback({ message = 'there is no test in this file' })
    end
    callback(nil, item)
  end)
end

return M
