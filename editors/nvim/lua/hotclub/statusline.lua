---A few characters for the status line: what goes on, or how the last run ended.
local client = require('hotclub.client')
local protocol = require('hotclub.protocol')
local runs = require('hotclub.runs')
local watch = require('hotclub.watch')

local M = {}

local pools = {} ---@type table<integer, { state: string }> hotclub/didChangeStatus by client

---@param run hotclub.Run
---@return string
local function of_run(run)
  local bad = protocol.count_bad(run.counts)
  local good = run.done - bad
  if not run.outcome then
    return ('▸ %d/%d'):format(run.done, run.total) .. (bad > 0 and ' ✘ ' .. bad or '')
  end
  if run.outcome == 'error' then
    return '✘ not run'
  end
  return bad > 0 and ('✘ %d of %d'):format(bad, run.done) or ('✔ %d'):format(good)
end

---The component of a buffer: empty where there is no project.
---@param bufnr? integer default: the current one
---@return string
function M.text(bufnr)
  bufnr = bufnr or vim.api.nvim_get_current_buf()
  local server = vim.lsp.get_clients({ name = client.name, bufnr = bufnr })[1]
  if not server then
    return client.given_up(bufnr) and 'hotclub ✘' or ''
  end
  local parts = { 'hotclub' }
  local pool = pools[server.id]
  if pool and (pool.state == 'starting' or pool.state == 'broken') then
    table.insert(parts, pool.state)
  end
  local run = runs.open()[1] or runs.last()
  if run then
    table.insert(parts, of_run(run))
  end
  if watch.has(vim.uri_from_bufnr(bufnr)) then
    table.insert(parts, '◉')
  end
  return table.concat(parts, ' ')
end

local pending = false

---A run of many tests changes the line all the time; a person sees a few changes a second.
local function redraw()
  if pending then
    return
  end
  pending = true
  vim.defer_fn(function()
    pending = false
    vim.cmd.redrawstatus({ bang = true })
  end, 50)
end

client.on('status', function(status, context)
  pools[context.client_id] = status
  redraw()
end)
client.on('lost', function(_, context)
  pools[context.client_id] = nil
  redraw()
end)
runs.on_change(redraw)

return M
