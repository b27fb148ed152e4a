---Debugging with nvim-dap: a warm worker waits for the debugger, which attaches to it.
local client = require('hotclub.client')
local config = require('hotclub.config')
local message = require('hotclub.message')
local runs = require('hotclub.runs')

local M = {}

---Name of the adapter and of the type of its configurations.
M.type = 'hotclub'

---@return table? nvim-dap
local function debugger()
  local ok, dap = pcall(require, 'dap')
  if ok then
    return dap
  end
  message.fail(
    'debugging needs the plugin nvim-dap (mfussenegger/nvim-dap), which is not installed; breakpoint() in a test stops nothing here'
  )
end

---What nvim-dap attaches with.
---@param ready { host: string, port: integer, pid: integer } of hotclub/debuggerReady
---@return table configuration
function M.configuration(ready)
  return {
    type = M.type,
    request = 'attach',
    name = ('Hotclub: worker %d'):format(ready.pid),
    justMyCode = config.get().just_my_code,
    hotclub = { host = ready.host, port = ready.port },
  }
end

---@param dap table
local function register(dap)
  dap.adapters[M.type] = function(callback, configuration)
    local at = configuration.hotclub
    callback({ type = 'server', host = at.host, port = at.port, options = { source_filetype = 'python' } })
  end
end

---@class hotclub.DebugOptions
---@field bufnr? integer default: the current one
---@field stop_on_failure? boolean
---@field server? vim.lsp.Client default: that of the buffer
---@field begun? fun(fault?: string, run?: hotclub.Run) called when the run is asked for, or why it is not

---Runs tests in a worker that waits for the debugger.
---@param select hotclub.Select
---@param options? hotclub.DebugOptions
function M.start(select, options)
  options = options or {}
  local begun = options.begun or function() end
  local dap = debugger()
  if not dap then
    return begun('nvim-dap is not installed')
  end
  local server = options.server or client.get(options.bufnr)
  if server and not client.has(server, 'debug') then
    message.fail('this hotclub cannot debug; install a newer one')
    return begun('this hotclub cannot debug')
  end
  register(dap)
  runs.start(select, {
    bufnr = options.bufnr,
    server = server,
    begun = begun,
    method = 'hotclub/debug',
    params = { stopOnFailure = options.stop_on_failure },
  })
end

client.on('debugger_ready', function(ready)
  local dap = debugger()
  if dap then
    register(dap)
    dap.run(M.configuration(ready))
  end
end)

return M
