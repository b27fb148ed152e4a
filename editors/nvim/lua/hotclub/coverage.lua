---Which lines a run has executed, as signs in the buffers of the project.
local client = require('hotclub.client')
local config = require('hotclub.config')
local message = require('hotclub.message')
local runs = require('hotclub.runs')

local M = {}

M.namespace = vim.api.nvim_create_namespace('hotclub_coverage')

---@param bufnr integer
---@param ranges integer[][] first and last line, from 0
---@param highlight string
local function draw(bufnr, ranges, highlight)
  local last = vim.api.nvim_buf_line_count(bufnr) - 1
  for _, range in ipairs(ranges) do
    for line = range[1], math.min(range[2], last) do
      vim.api.nvim_buf_set_extmark(bufnr, M.namespace, line, 0, {
        sign_text = '▎',
        sign_hl_group = highlight,
        priority = 5, -- below diagnostics and verdicts
      })
    end
  end
end

---Takes the signs away.
function M.clear()
  for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
    vim.api.nvim_buf_clear_namespace(bufnr, M.namespace, 0, -1)
  end
end

---@param server vim.lsp.Client
---@param run_id string
---@param bufnr integer
local function show_buffer(server, run_id, bufnr)
  local params = { runId = run_id, uri = vim.uri_from_bufnr(bufnr) }
  client.request_of(server, 'hotclub/coverage', params, function(err, answer)
    if err or not vim.api.nvim_buf_is_loaded(bufnr) then
      return
    end
    for _, file in ipairs(answer.files) do
      if file.uri == params.uri and file.detail then
        draw(bufnr, file.detail.executed, 'HotclubCovered')
        draw(bufnr, file.detail.missed, 'HotclubMissed')
      end
    end
  end)
end

---@param server vim.lsp.Client
---@param run_id string
local function show(server, run_id)
  M.clear()
  client.request_of(server, 'hotclub/coverage', { runId = run_id }, function(err, answer)
    if err then
      return message.fail('there is no coverage: ' .. err.message)
    end
    local executed, total = 0, 0
    for _, file in ipairs(answer.files) do
      executed, total = executed + file.executed, total + file.total
    end
    local share = total > 0 and 100 * executed / total or 100
    message.flash(('hotclub: %.0f %% of %d lines in %d files (%s)'):format(share, total, #answer.files, answer.tool))
  end)
  for bufnr in pairs(server.attached_buffers) do
    show_buffer(server, run_id, bufnr)
  end
end

---Runs tests and shows which lines they executed, in the buffers that are open.
---@param select hotclub.Select
---@param bufnr integer
function M.start(select, bufnr)
  local server = client.get(bufnr)
  if server and not client.has(server, 'coverage') then
    return message.fail('this hotclub has no coverage; install a newer one')
  end
  runs.start(select, { bufnr = bufnr, params = { coverage = { branches = config.get().coverage_branches } } })
end

runs.on_change(function(run)
  local server = run.outcome == 'completed' and run.coverage and vim.lsp.get_client_by_id(run.client_id)
  if server then
    show(server, run.id)
  end
end)

return M
