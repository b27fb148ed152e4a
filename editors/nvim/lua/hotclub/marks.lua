---Draws verdicts into buffers: one extmark for each test, with its sign and its text, and one for each
---line where a test failed. Neovim moves them with the text.
local client = require('hotclub.client')
local signs = require('hotclub.signs')
local tests = require('hotclub.tests')
local verdicts = require('hotclub.verdicts')
local virtual_text = require('hotclub.virtual_text')

local M = {}

M.namespace = vim.api.nvim_create_namespace('hotclub')

---Extmarks of a buffer by the test they belong to.
---@class hotclub.Marks
---@field test? integer
---@field failures integer[]

---The buffers that are drawn into, by file.
local buffers = {} ---@type table<string, integer>

local drawn = {} ---@type table<integer, table<string, hotclub.Marks>>

---@param bufnr integer
---@param mark integer
---@return integer? line from 0
local function line_of(bufnr, mark)
  local place = vim.api.nvim_buf_get_extmark_by_id(bufnr, M.namespace, mark, {})
  return place[1]
end

---@param bufnr integer
---@param id string
local function erase(bufnr, id)
  local marks = drawn[bufnr] and drawn[bufnr][id]
  if not marks then
    return
  end
  for _, mark in ipairs({ marks.test, unpack(marks.failures) }) do
    vim.api.nvim_buf_del_extmark(bufnr, M.namespace, mark)
  end
  drawn[bufnr][id] = nil
end

---@param bufnr integer
---@param result hotclub.Result
---@param line integer from 0
local function draw(bufnr, result, line)
  local last = vim.api.nvim_buf_line_count(bufnr) - 1
  local marks = { failures = {} } ---@type hotclub.Marks
  if line <= last then
    local sign = signs.of(result.state)
    marks.test = vim.api.nvim_buf_set_extmark(bufnr, M.namespace, line, 0, {
      sign_text = sign and sign.text,
      sign_hl_group = sign and (result.stale and 'HotclubStale' or sign.highlight),
      virt_text = virtual_text.of(result),
      hl_mode = 'combine',
      priority = 20, -- above that of diagnostics, 10: where there is room for one sign, it is the verdict
    })
  end
  local server = client.get(bufnr)
  for _, failure in ipairs(server and virtual_text.failures(result, vim.api.nvim_buf_get_name(bufnr), server.id) or {}) do
    if failure.line <= last then
      table.insert(
        marks.failures,
        vim.api.nvim_buf_set_extmark(
          bufnr,
          M.namespace,
          failure.line,
          0,
          { virt_text = failure.chunks, hl_mode = 'combine' }
        )
      )
    end
  end
  drawn[bufnr] = drawn[bufnr] or {}
  drawn[bufnr][result.id] = marks
end

---Where a test stands: where its mark has moved to if the buffer has been edited, else where the server
---saw it.
---@param bufnr integer
---@param result hotclub.Result
---@param lines table<string, integer>
---@return integer?
local function place(bufnr, result, lines)
  local marks = drawn[bufnr] and drawn[bufnr][result.id]
  if vim.bo[bufnr].modified and marks and marks.test then
    return line_of(bufnr, marks.test)
  end
  return lines[result.id] or result.line and result.line - 1
end

---Draws some of the tests of a buffer anew.
---@param bufnr integer
---@param ids string[]
function M.update(bufnr, ids)
  local results, lines = verdicts.of(vim.api.nvim_buf_get_name(bufnr)), tests.lines(bufnr)
  for _, id in ipairs(ids) do
    local result = results[id]
    local line = result and place(bufnr, result, lines)
    erase(bufnr, id)
    if line then
      draw(bufnr, result, line)
    end
  end
end

---Takes all marks of a buffer away, as when it is read again, which may leave them anywhere.
---@param bufnr integer
function M.forget(bufnr)
  vim.api.nvim_buf_clear_namespace(bufnr, M.namespace, 0, -1)
  drawn[bufnr] = nil
  buffers[vim.api.nvim_buf_get_name(bufnr)] = nil
end

---Asks for the tests of a buffer and their verdicts, of earlier sessions too, and draws them.
---@param bufnr integer
function M.refresh(bufnr)
  buffers[vim.api.nvim_buf_get_name(bufnr)] = bufnr
  tests.refresh(bufnr, function()
    client.request(bufnr, 'hotclub/results', { uri = vim.uri_from_bufnr(bufnr) }, function(err, answer)
      if not err and vim.api.nvim_buf_is_loaded(bufnr) then
        verdicts.replace(vim.api.nvim_buf_get_name(bufnr), answer.results)
      end
    end)
  end)
end

verdicts.on_change(function(file, ids)
  local bufnr = buffers[file]
  if bufnr then
    M.update(bufnr, ids)
  end
end)

return M
