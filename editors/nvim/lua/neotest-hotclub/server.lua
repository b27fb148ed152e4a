---The plugin's connection, for neotest's tasks, which wait where the plugin is called back.
local client = require('hotclub.client')
local config = require('hotclub.config')
local nio = require('nio')

local M = {}

local files = {} ---@type table<string, string> ids by path

---@param tests { items: hotclub.Item[], removed: string[] }
local function keep_files(tests)
  for path, id in pairs(files) do
    for _, gone in ipairs(tests.removed) do
      if id == gone or vim.startswith(id, gone .. '/') then
        files[path] = nil
      end
    end
  end
  for _, item in ipairs(tests.items) do
    if item.kind == 'file' and item.runnable then
      files[vim.uri_to_fname(item.uri)] = item.id
    end
  end
end

client.on('tests', keep_files)

---Whether the server has found tests in a file.
---@param path string
---@return boolean
function M.has_tests(path)
  return files[path] ~= nil
end

local discovered = {} ---@type table<integer, true> clients that tell of every change of the tests

---@param path string a file or a folder
---@return string?
function M.root(path)
  return vim.fs.root(path, config.get().root_markers)
end

---@param root string
---@return vim.lsp.Client?
local function running(root)
  for _, each in ipairs(vim.lsp.get_clients({ name = client.name })) do
    if client.folder(each) == root then
      return each
    end
  end
end

---Starts a server that no buffer asked for yet; those that come later join it.
---@param root string
---@return integer? client_id
local function start(root)
  if vim.fn.has('nvim-0.11') == 1 then
    return vim.lsp.start(client.config(root), { attach = false })
  end
  return vim.lsp.start_client(client.config(root))
end

---@async
---@param id integer
---@return boolean ready
local function wait_ready(id)
  local ready, settled = nio.control.future(), false
  local function settle(well)
    return function(_, context)
      if context.client_id == id and not settled then
        settled = true
        ready.set(well)
      end
    end
  end
  local offs = { client.on('ready', settle(true)), client.on('lost', settle(false)) }
  local well = ready.wait()
  for _, off in ipairs(offs) do
    off()
  end
  return well
end

---The server of a project: the plugin's, if it runs already.
---@async
---@param path string
---@return vim.lsp.Client? server
---@return string? fault
function M.of(path)
  nio.scheduler()
  local root = M.root(path)
  if not root then
    return nil, ('%s lies in no project'):format(path)
  end
  local found = running(root)
  local id = found and found.id or start(root)
  if not id then
    return nil, ('"%s" could not be started'):format(table.concat(config.get().cmd, ' '))
  end
  found = vim.lsp.get_client_by_id(id)
  if not (found and found.initialized) and not wait_ready(id) then
    return nil, ('the server of %s ended; what it said is in %s'):format(root, client.log())
  end
  found = vim.lsp.get_client_by_id(id)
  if found and not discovered[id] then
    discovered[id] = true
    client.request_of(found, 'hotclub/discover', {}, function(_, tests)
      keep_files(tests or { items = {}, removed = {} })
    end)
  end
  return found
end

---@async
---@param server vim.lsp.Client
---@param method string
---@param params table
---@return any result
---@return string? fault
function M.ask(server, method, params)
  local answered = nio.control.future()
  client.request_of(server, method, params, function(err, result)
    answered.set({ result = result, fault = err and err.message })
  end)
  local answer = answered.wait()
  return answer.result, answer.fault
end

return M
