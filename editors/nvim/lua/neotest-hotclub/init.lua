---An adapter for neotest. Its tests are those that the server finds, and its runs are runs of the plugin's
---session:
---
---    require('neotest').setup({ adapters = { require('neotest-hotclub') } })
local Run = require('neotest-hotclub.run')
local nio = require('nio')
local positions = require('neotest-hotclub.positions')
local server = require('neotest-hotclub.server')
local types = require('neotest.types')

---@class neotest.Adapter
local M = { name = 'neotest-hotclub' }

---@param dir string
---@return string?
function M.root(dir)
  return server.root(dir)
end

local passed_by = { node_modules = true, venv = true, __pycache__ = true, ['site-packages'] = true }

---@param name string
---@return boolean
function M.filter_dir(name)
  return not passed_by[name] and name:sub(1, 1) ~= '.'
end

---What Django looks into by default, and whatever the server has found tests in since it runs.
---@param path string
---@return boolean
function M.is_test_file(path)
  if server.has_tests(path) then
    return true
  end
  return vim.fs.basename(path):match('^test.*%.py$') ~= nil and server.root(path) ~= nil
end

---@async
---@param path string
---@return neotest.Tree?
function M.discover_positions(path)
  local session, fault = server.of(path)
  if not session then
    error(fault, 0)
  end
  local answer, refusal = server.ask(session, 'hotclub/testsAt', { uri = vim.uri_from_fname(path) })
  if not answer then
    error(refusal, 0)
  end
  local list = positions.list(path, answer.items)
  return list and types.Tree.from_list(list, function(position)
    return position.id
  end)
end

---What the server is asked to run for a position. Folders are neotest's own: the server gets their paths.
---@param position hotclub.neotest.Position
---@return hotclub.Select
local function selection(position)
  if position.hotclub then
    return { ids = { position.hotclub } }
  end
  if position.path == server.root(position.path) then
    return { all = true }
  end
  return { labels = { position.path } }
end

---Asks for the run, and is what neotest waits for.
---@async
---@param spec neotest.RunSpec
---@return neotest.Process
local function strategy(spec)
  local context = spec.context
  local run = context.run ---@type hotclub.neotest.Run
  local session, fault = server.of(context.path)
  nio.scheduler()
  if not session then
    run:finish(fault)
    return run:process()
  end
  local bufnr = vim.fn.bufnr(context.path)
  local options = {
    server = session,
    bufnr = bufnr ~= -1 and bufnr or nil,
    begun = function(refusal, begun)
      if refusal then
        run:finish(refusal)
      else
        run:own(session, begun.id)
      end
    end,
  }
  if context.debug then
    require('hotclub.dap').start(context.select, options)
  else
    require('hotclub.runs').start(context.select, options)
  end
  return run:process()
end

---@param args neotest.RunArgs
---@return neotest.RunSpec?
function M.build_spec(args)
  nio.scheduler()
  local position = args.tree:data() ---@type hotclub.neotest.Position
  local inside = {}
  for _, each in args.tree:iter() do
    if each.hotclub then
      inside[each.hotclub] = each
    end
  end
  local run = Run.new(inside)
  local joined = args.hotclub ---@type { run: string, client: integer }? of neotest-hotclub.consumer
  if joined then
    local session = vim.lsp.get_client_by_id(joined.client)
    if session then
      run:join(session, joined.run, position)
    else
      run:finish('the server ended')
    end
  end
  return {
    command = {}, -- none: the server runs
    context = { run = run, path = position.path, select = selection(position), debug = args.strategy == 'dap' },
    strategy = joined and function()
      return run:process()
    end or strategy,
    stream = function()
      return function()
        return run:next()
      end
    end,
  }
end

---@async
---@param spec neotest.RunSpec
---@param _ neotest.StrategyResult
---@param tree neotest.Tree
---@return table<string, neotest.Result>
function M.results(spec, _, tree)
  local run = spec.context.run ---@type hotclub.neotest.Run
  local all = {}
  for _, position in tree:iter() do
    if position.type == 'test' then
      all[position.id] = { status = 'skipped', output = run.log }
    end
  end
  if run.fault then
    all[tree:data().id] = { status = 'failed', output = run.log, errors = { { message = run.fault } } }
  end
  return vim.tbl_extend('force', all, run.results)
end

return M
